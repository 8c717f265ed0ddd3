import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targets } from '../support/arbitrary-target.ts'
import { type EveryPlace, startEveryPlace } from '../support/every-place.ts'
import { whyNoSecondParser } from '../support/second-parser.ts'

let places: EveryPlace

describe.skipIf(whyNoSecondParser !== undefined)('I7 what chose the policy', () => {
  beforeAll(async () => {
    places = await startEveryPlace()
  })
  afterAll(() => places?.close())

  it('is what is on the wire, however the target is spelled', async () => {
    let served = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(targets(['header', 'named', 'query', 'cookie']), async (target) => {
        const line = `X-Caller: c${served + refused}`
        const { requests, reply } = await places.exchange(
          Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`, 'latin1'),
        )
        // the exchange compares path and query on the wire with those that the claims tell
        for (const request of requests) expect(target).toMatch(startsWith(request.target))
        if (requests.length > 0) served += 1
        else refused += 1
        expect(reply.status).toBeGreaterThanOrEqual(200)
      }),
      { numRuns: 1000, seed: 7 },
    )
    expect(served).toBeGreaterThan(200)
    expect(refused).toBeGreaterThan(200)
  })
})

/** What was asked for begins with the path on the wire, and goes on with a query at most. */
function startsWith(wire: string): RegExp {
  const [path = ''] = wire.split('?')
  return new RegExp(`^${path.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}(?:\\?|$)`)
}
