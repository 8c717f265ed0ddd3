import fc from 'fast-check'
import { expect, it } from 'vitest'
import { requestBytes } from '../support/arbitrary-head.ts'
import { jsonTexts } from '../support/arbitrary-json.ts'
import { startCanaryProcess } from '../support/canary-process.ts'

const REQUESTS = 6000
const AT_ONCE = 16

it('I6 outlives hostile requests: one process, nothing uncaught, flat memory, an event loop on time', async () => {
  const proxy = await startCanaryProcess()
  const hostile = fc.sample(requestBytes, { numRuns: REQUESTS, seed: 6 })
  const bodies = fc.sample(jsonTexts(['__proto__']), { numRuns: REQUESTS, seed: 6 })
  const statuses = new Set<number>()
  let next = 0

  async function client(until: number): Promise<void> {
    for (let index = next; index < until; index = next) {
      next += 1
      const { head, rest } = hostile[index] ?? { head: '', rest: '' }
      const path = proxy.paths[index % proxy.paths.length] ?? ''
      const bytes = index % 3 === 0 ? proxy.request(path, [], bodies[index]) : head + rest
      statuses.add((await proxy.send(Buffer.from(bytes, 'latin1'))).status)
    }
  }
  const upTo = (until: number) => Promise.all(Array.from({ length: AT_ONCE }, () => client(until)))
  await upTo(REQUESTS / 3)
  const before = proxy.rss()
  await upTo(REQUESTS)
  const growth = proxy.rss() - before

  const { code, uncaught, added, delayP99, stderr } = await proxy.stop()
  expect({ code, uncaught, added }, stderr).toEqual({ code: 0, uncaught: 0, added: [] })
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 405, 426]))
  expect(growth).toBeLessThan(64 * 2 ** 20)
  expect(delayP99).toBeLessThan(50)
})
