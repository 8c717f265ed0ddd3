import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { openGateway } from '../../../src/config/index.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { createGenerationNumbers } from '../../../src/workers/generation-numbers.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const file = (host: string) => `routes: [{ name: a, upstream: "http://${host}" }]\n`

it('is that of the files which serve, also while others are made ready to serve', async () => {
  const folder = await tempFolder({ 'countersign.yaml': file('a'), 'policies/none.txt': '' })
  const config = `${folder.path}/countersign.yaml`
  const numbers = createGenerationNumbers()
  const seen = new Set<string>()
  let reading = 1
  const opened = await openGateway({
    config,
    environment: systemEnvironment(),
    observe() {},
    adjust(compiled) {
      if (reading > 1) void look()
      return numbers.note(reading, { ...compiled })
    },
  })
  const { gateway, reload, close } = opened
  const host = () => gateway.compiled.routes[0]?.upstream?.host
  // between any two steps a request may come
  async function look(): Promise<void> {
    for (let steps = 0; steps < 100; steps += 1) {
      await undefined
      seen.add(`${numbers.of(gateway)} ${host()}`)
    }
  }
  writeFileSync(config, file('b'))
  reading = 2
  expect(await reload()).toBe(true)
  close()
  expect([...seen]).toEqual(['1 a', '2 b'])
})
