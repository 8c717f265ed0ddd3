import { expect, it } from 'vitest'
import { admitAnyone } from '../../src/admission.ts'
import type { Compiled, Route } from '../../src/compiled.ts'
import { clientSettings } from '../../src/config/limits.ts'
import { type Decision, decide } from '../../src/decision.ts'
import { createGateway } from '../../src/gateway.ts'
import type { Policy, PolicyResult } from '../../src/policy.ts'
import { Secret } from '../../src/secret.ts'
import type { RequestContext } from '../../src/types.ts'
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

/** How two policies decide, of which the first does as `evaluate` says and the second notes the tokens it sees. */
function decideWith(evaluate: Policy['evaluate']) {
  const seen: unknown[] = []
  const common = {
    order: 50,
    needsBody: false,
    readsPayload: false,
    headerNames: new Set<string>(),
    publicKeys: [],
    criteria: {},
    close: () => undefined,
  }
  const second: Policy = {
    ...common,
    name: 'second',
    evaluate: ({ tokens }, before) => {
      seen.push({ ...tokens }, [...(before?.taken ?? [])])
      return { policy: 'second', applied: true, patches: [], places: [] }
    },
  }
  const compiled: Compiled = {
    routes: [route],
    policies: [{ ...common, name: 'first', evaluate }, second],
    disabled: [],
    vars: {},
    bodyLimit: 1,
    jwks: { overlap: 1000, maxAge: 60 },
    ...clientSettings({}),
  }
  const admitted: unknown[] = []
  const decision = decide(createGateway(compiled, fixedEnvironment()), {
    head: requestHead(),
    peer: {},
    onAdmitted: (authenticator) => admitted.push(authenticator),
    readBody: async () => Buffer.alloc(0),
  })
  return { decision, seen, admitted }
}

const saving = (): PolicyResult => ({
  policy: 'first',
  applied: true,
  patches: [{ removeHeaders: ['x-a'] }],
  places: ['header:x-a'],
  saved: { name: 'one', value: new Secret('a.b.c'), token: { claims: {}, header: {} } },
})
const SEEN = [{ one: { claims: {}, header: {}, value: 'a.b.c' } }, ['header:x-a']]

it('decides at once when no policy has to wait', () => {
  const { decision, seen, admitted } = decideWith(saving)
  expect(decision).not.toBeInstanceOf(Promise)
  expect((decision as Decision).results.map(({ policy }) => policy)).toEqual(['first', 'second'])
  expect((decision as Decision).patch.removeHeaders).toEqual(['x-a'])
  expect(seen).toEqual(SEEN)
  expect(admitted).toEqual([undefined])
})

it('asks the next policy only when the one before it has decided', async () => {
  const { promise, resolve } = Promise.withResolvers<PolicyResult>()
  const { decision, seen } = decideWith(() => promise)
  expect(seen).toEqual([])
  resolve(saving())
  expect((await decision).results.map(({ policy }) => policy)).toEqual(['first', 'second'])
  expect(seen).toEqual(SEEN)
})

it('T116 shows a policy no token that is saved behind it, however late it looks: it may renew one for others then', () => {
  let own: RequestContext | undefined
  const { seen } = decideWith((context) => {
    own = context
    return saving()
  })
  expect(seen).toEqual(SEEN)
  expect(own?.tokens).toEqual({})
})
