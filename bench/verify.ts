import { deepStrictEqual, notStrictEqual, strictEqual } from 'node:assert/strict'
import { jwtVerify } from 'jose'
import type { Contender, Task } from './contender.ts'
import { exchange } from './exchange.ts'
import type { BenchKey } from './keys.ts'
import { CALLER, expectedClaims } from './token-shape.ts'
import { type Seen, SHOWN } from './upstream.ts'

/** The requests of a scenario, as one of them is to be checked. */
export interface Checked {
  readonly path: string
  readonly body?: string
  /** The claims of the token. Default: the 10 of every contender. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/**
 * Sends a request through a contender before it is timed, and looks at what the upstream got: a token with the
 * expected claims that verifies under the public key, and the same one again when the task is to reuse it.
 */
export async function verify(
  { name, signs }: Pick<Contender, 'name' | 'signs'>,
  url: string,
  task: Task & { readonly key: BenchKey },
  checked: Checked,
): Promise<void> {
  const path = `${checked.path}${SHOWN}`
  const method = checked.body === undefined ? 'GET' : 'POST'
  const see = async () => {
    const { body } = checked
    const headers = { ...CALLER, ...(body !== undefined && { 'content-type': 'application/json' }) }
    const sent = { method, headers, ...(body !== undefined && { body }) }
    return JSON.parse(await exchange(`${url}${path}`, sent)) as Seen
  }
  try {
    const seen = await see()
    strictEqual(seen.headers['x-user'], CALLER['x-user'])
    if (!signs) return
    const token = tokenOf(seen, task)
    const { payload } = await jwtVerify(token, task.key.verifyWith, {
      algorithms: [task.algorithm],
    })
    const { iat = 0, exp = 0, ...claims } = payload
    strictEqual(exp - iat, 300)
    deepStrictEqual(claims, checked.claims ?? expectedClaims(method, path))
    const isDeterministic = task.algorithm !== 'ES256'
    if (task.reuses) strictEqual(tokenOf(await see(), task), token)
    else if (!isDeterministic) notStrictEqual(tokenOf(await see(), task), token)
  } catch (cause) {
    throw new Error(`${name} does not do what it is measured for`, { cause })
  }
}

function tokenOf({ headers, body }: Seen, { place }: Task): string {
  if (place === 'body') return String((JSON.parse(body) as { token?: unknown }).token)
  const [, token = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? []
  return token
}
