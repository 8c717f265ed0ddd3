import { setTimeout as wait } from 'node:timers/promises'
import { ecKeys } from './keys.ts'
import { openLoop, type Statuses } from './load.ts'
import { startVerifyingUpstream } from './verifying-upstream.ts'

/** A proxy whose clock a test can set. */
export interface ClockedProxy {
  readonly url: string
  /** Sets its wall clock to that of this machine and `offset` milliseconds. */
  setClock(offset: number): Promise<void>
}

/** What a run with clock jumps is like. */
export interface JumpOptions {
  /** Requests a second. */
  readonly rate: number
  /** Requests that the upstream judges before the first jump, and after each. */
  readonly between: number
  /** Starts the proxy: `policies` in front of `upstream`. */
  start(policies: string, upstream: string): Promise<ClockedProxy>
}

/** What came of it. */
export interface JumpResult {
  readonly statuses: Statuses
  /** Why the upstream, which knows the time, did not let requests in. */
  readonly rejections: readonly string[]
}

const HOUR = 3_600_000

/** One token for all that is renewed in the background, and one for each caller. */
const POLICIES = `
name: service
match: { path: /service }
jwt: { signingMethod: ES256, privateKey: { env: KEY }, exp: 20, sub: service }
---
name: callers
match: { path: /callers }
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
`

/**
 * Sets the clock of a proxy under load an hour ahead, an hour back to the right time, another hour back, and right
 * again. A request that a jump met on its way says nothing: what was good when it was sent need not be on arrival.
 */
export async function jumpUnderLoad({ rate, between, start }: JumpOptions): Promise<JumpResult> {
  let offset = 0
  let era = 0
  let isJumping = false
  let judged = 0
  const upstream = await startVerifyingUpstream({
    publicKey: ecKeys().publicKey,
    now: () => Date.now() + offset,
    judges({ headers }) {
      const isOfNow = headers['x-era'] === String(era) && !isJumping
      if (isOfNow) judged += 1
      return isOfNow
    },
  })
  const proxy = await start(POLICIES, upstream.url)
  const jumps = [HOUR, 0, -HOUR, 0]
  const end = new AbortController()
  const load = openLoop(proxy.url, {
    rate,
    // more than it takes: the load ends when enough of it has been judged
    count: 10 * between * (jumps.length + 1),
    signal: end.signal,
    request: (index) => ({
      path: index % 2 === 0 ? '/service' : '/callers',
      headers: { 'x-user': `user-${index % 10}`, 'x-era': isJumping ? 'none' : String(era) },
    }),
  }).finally(() => end.abort())
  for (const next of [...jumps, undefined]) {
    while (judged < between * (era + 1)) await wait(5, undefined, { signal: end.signal })
    if (next === undefined) break
    isJumping = true
    await proxy.setClock(next)
    offset = next
    era += 1
    isJumping = false
  }
  end.abort()
  const statuses = await load
  await upstream.close()
  return { statuses, rejections: upstream.rejections }
}
