import type { Upstream } from '../../src/compiled.ts'
import { compileUpstream } from '../../src/config/upstream.ts'

/** An upstream as the gateway file's defaults have it, with short time limits. */
export function upstreamAt(url: string, change: Partial<Upstream> = {}): Upstream {
  const compiled = compileUpstream(new URL(url), { url }, undefined)
  const timeouts = { ...compiled.timeouts, connect: 1000, headers: 1000, body: 1000 }
  return { ...compiled, timeouts, ...change }
}
