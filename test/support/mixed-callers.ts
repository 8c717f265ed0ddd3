import { randomBytes } from 'node:crypto'
import { createDecoder } from 'fast-jwt'
import { bearer, guardedProxy } from './guarded-proxy.ts'

/** What many callers of one proxy, in mixed order, ended up with. */
export interface MixedCallers {
  /** Requests that the upstream got. */
  readonly served: number
  /** Callers for whom a token did not speak in every claim that it has. */
  readonly mixed: readonly string[]
  /** How tokens were had, and how often. */
  readonly results: Readonly<Record<string, number>>
}

const CONCURRENCY = 50

const POLICY = `
name: telling
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: "#[authentication.principal]"
  customClaims:
    - { name: caller, value: { roles: "#[authentication.roles]", tenant: "#[$uppercase(authentication.properties.claims.tenant)]" } }
inject: { location: header, name: x-token }
`

/**
 * Lets so many callers, each with a credential of its own, ask so many times in an order that looks random and is the
 * same each time. Each request says in its query who is asking. Call it inside a test.
 */
export async function mixCallers(callers: number, requests: number): Promise<MixedCallers> {
  const {
    proxy,
    upstream,
    callers: told,
  } = await guardedProxy({
    routes: { orders: 'authenticate: [staff]' },
    policies: POLICY,
  })
  const credentials = Array.from({ length: callers }, (_, index) => {
    const loginname = `caller-${index}`
    return bearer({
      loginname,
      roles: [loginname],
      tenant: loginname,
      jti: randomBytes(8).toString('hex'),
    })
  })
  const visits = order(callers * requests).map((visit) => visit % callers)
  const worker = async () => {
    for (let caller = visits.pop(); caller !== undefined; caller = visits.pop()) {
      const headers = { authorization: credentials[caller] as string }
      const response = await fetch(`${proxy.url}/orders?caller-${caller}`, { headers })
      await response.text()
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))

  const decode = createDecoder()
  const seen = told()
  const mixed = upstream.requests().flatMap(({ target, values }, index) => {
    const asked = target.slice(target.indexOf('?') + 1)
    const { sub } = decode(values('x-token')[0] ?? '')
    const expected = JSON.stringify({ roles: [asked], tenant: asked.toUpperCase() })
    return sub === asked && JSON.stringify(seen[index]) === expected ? [] : [asked]
  })
  const results: Record<string, number> = {}
  for (const { policies } of proxy.requests()) {
    const result = policies[0]?.trace?.cache ?? 'none'
    results[result] = (results[result] ?? 0) + 1
  }
  return { served: seen.length, mixed, results }
}

/** The numbers below `count`, each once: Fisher and Yates with a generator of Park and Miller. */
function order(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index)
  let state = 1
  for (let last = count - 1; last > 0; last -= 1) {
    state = (state * 48_271) % 2_147_483_647
    const other = state % (last + 1)
    ;[numbers[last], numbers[other]] = [numbers[other] as number, numbers[last] as number]
  }
  return numbers
}
