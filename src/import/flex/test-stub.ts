import { isMap } from '../../is-map.ts'
import type { Json, JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'

const CLOCK = '2026-01-01T00:00:00Z'

/** Begins the test of a policy: a request, and what is known of its token without one. */
export function testStub(policy: JsonObject): JsonObject {
  return {
    policy: policy.name ?? '',
    clock: CLOCK,
    uuid: 'fixed',
    cases: [
      {
        name: 'fill in a request and what is expected of it',
        request: { method: 'GET', path: '/' },
        authentication: {},
        expect: { matched: true, ...tokenOf(policy), injected: injectedOf(policy) },
      },
    ],
  }
}

function tokenOf({ jwt }: JsonObject): JsonObject {
  if (!isMap(jwt)) return {}
  const header = { alg: jwt.signingMethod as Json, ...literals(jwt.customHeaders) }
  return { header, claims: { ...literals(jwt.customClaims), ...times(jwt) } }
}

/** Members whose name and value no request decides. */
function literals(members: unknown): JsonObject {
  if (!Array.isArray(members)) return {}
  const isLiteral = (text: unknown) => typeof text !== 'string' || !text.includes('#[')
  const fixed = members.filter(({ name, value }) => isLiteral(name) && isLiteral(value))
  return Object.fromEntries(fixed.map(({ name, value }) => [name, value]))
}

function times({ iat, nbf, exp }: Readonly<Record<string, unknown>>): JsonObject {
  const now = Date.parse(CLOCK) / 1000
  const after = (seconds: unknown) => typeof seconds === 'number' && seconds > 0
  return {
    ...(iat === true && { iat: now }),
    ...(after(nbf) && { nbf: now + (nbf as number) }),
    ...(after(exp) && { exp: now + (exp as number) }),
  }
}

function injectedOf({ inject }: JsonObject): JsonObject {
  const first = Array.isArray(inject) ? inject[0] : inject
  const text = (name: string) => valueAt(first, [name]) as Json
  return { header: text('name'), scheme: text('scheme') }
}
