import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { createTokenCache } from '../../src/cache/index.ts'
import { systemEnvironment } from '../../src/environment.ts'

const MEBIBYTE = 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed / MEBIBYTE
}

it('T115 keeps 1,000,000 subjects within 64 MiB, the most recent first', {
  timeout: 100_000,
}, async () => {
  const cache = createTokenCache<string>({
    settings: { maxEntries: 10_000_000 },
    environment: systemEnvironment(),
    onRenewalFailure: () => undefined,
  })
  const get = (subject: number) =>
    cache.get(String(subject), async () => {
      const value = `${subject}.`.repeat(100)
      return { value, bytes: 2 * value.length, expiresAt: Date.now() + 3_600_000 }
    })
  const before = heap()
  const grown: number[] = []
  for (let subject = 0; subject < 1_000_000; subject += 1) {
    await get(subject)
    if (subject % 250_000 === 249_999) grown.push(heap() - before)
  }
  // what is counted is the tokens: entries and keys of some hundred bytes come on top
  expect(Math.max(...grown)).toBeLessThan(128)
  expect(Math.abs((grown[3] ?? 0) - (grown[1] ?? 0))).toBeLessThan(16)
  expect(get(999_999)).not.toBeInstanceOf(Promise)
  expect(get(0)).toBeInstanceOf(Promise)
  cache.close()
})
