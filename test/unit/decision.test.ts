import { expect, it } from 'vitest'
import { admitAnyone } from '../../src/admission.ts'
import type { Compiled, Route } from '../../src/compiled.ts'
import { clientSettings } from '../../src/config/limits.ts'
import { decide } from '../../src/decision.ts'
import { createGateway } from '../../src/gateway.ts'
import type { Policy } from '../../src/policy.ts'
import { fixedEnvironment } from '../support/clock.ts'
import { requestHead } from '../support/request-context.ts'
import { countTurns } from '../support/turns.ts'

const route: Route = {
  name: 'all',
  unmatched: 'forward',
  upgrades: [],
  headerNames: new Set(),
  criteria: {},
  admission: admitAnyone,
  upstreamUrl: () => ({ url: '', scheme: 'http', host: '', port: 80, path: '', query: '' }),
}

/** Decides about requests with these bodies, which have all arrived; gives the turns in which their policy ran. */
async function turnsOf(bodies: readonly string[]): Promise<number[]> {
  const turn = countTurns()
  const turns: number[] = []
  const policy: Policy = {
    name: 'reads',
    order: 50,
    needsBody: true,
    readsPayload: true,
    headerNames: new Set(),
    publicKeys: [],
    criteria: {},
    async evaluate() {
      turns.push(turn())
      return { policy: 'reads', applied: false, patches: [], places: [] }
    },
    close: () => undefined,
  }
  const compiled: Compiled = {
    routes: [route],
    policies: [policy],
    disabled: [],
    vars: {},
    bodyLimit: 1_048_576,
    jwks: { overlap: 1000, maxAge: 60 },
    ...clientSettings({}),
  }
  const gateway = createGateway(compiled, fixedEnvironment())
  const head = requestHead({ headers: { 'content-type': 'application/json' } })
  await Promise.all(
    bodies.map((body) =>
      decide(gateway, { head, peer: {}, readBody: async () => Buffer.from(body) }),
    ),
  )
  return turns
}

it('R25 parses each large body in a turn of the event loop of its own', async () => {
  const large = JSON.stringify('x'.repeat(70_000))
  expect(new Set(await turnsOf([large, large, large])).size).toBe(3)
})

it('parses small bodies in the turn in which they have arrived', async () => {
  expect(await turnsOf(['1', '2', '3'])).toEqual([0, 0, 0])
})
