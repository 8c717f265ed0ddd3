import { describe, expect, it } from 'vitest'
import { parseDocuments } from '../../src/config/yaml/document.ts'
import { isExactDouble } from '../../src/decimal.ts'
import { parseTemplate } from '../../src/expression/index.ts'
import { fixedEnvironment } from '../support/clock.ts'
import { CATASTROPHIC_PATTERNS, RUN_AWAYS, UNREASONABLE } from '../support/run-away-expressions.ts'
import { request } from '../unit/expression/request.ts'

const parse = (source: string) => parseTemplate(`#[${source}]`, fixedEnvironment())

/**
 * The shortest of three times that this kept the event loop, in milliseconds of this thread's CPU: what else the
 * machine does is not its fault. JSONata waits for microtasks only, so the loop is kept from beginning to end.
 */
async function shortest(run: () => unknown): Promise<number> {
  const times: number[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const started = process.threadCpuUsage()
    try {
      await run()
    } catch {
      // how it ends is a test of its own
    }
    const { user, system } = process.threadCpuUsage(started)
    times.push((user + system) / 1000)
  }
  return Math.min(...times)
}

describe('T077 the event loop is kept for 50 ms at most', () => {
  it.each([...RUN_AWAYS, ...CATASTROPHIC_PATTERNS])('by %s', async (_, source, payload) => {
    const template = parse(source)
    expect(await shortest(() => template.evaluate(request({ payload })))).toBeLessThan(50)
  })

  it.each(UNREASONABLE)('by loading %s', async (_, source) => {
    expect(await shortest(() => parse(source))).toBeLessThan(50)
  })
})

/** What the same thing costs at four times the size is less than eight times as much where the cost is linear. */
describe('the cost grows with the length', () => {
  it.each<[string, number, (size: number) => () => unknown]>([
    [
      'of a map in a file',
      5000,
      (size) => {
        const text = Array.from({ length: size }, (_, i) => `k${i}: ${i}`).join('\n')
        return () => parseDocuments('p.yaml', text)
      },
    ],
    [
      'of a number',
      200_000,
      (size) => {
        const text = `0.1${'0'.repeat(size)}1`
        return () => isExactDouble(text)
      },
    ],
  ])('%s', async (_what, size, prepare) => {
    const [small, large] = [prepare(size), prepare(4 * size)]
    await shortest(large)
    expect(await shortest(large)).toBeLessThan(8 * Math.max(1, await shortest(small)))
  })
})
