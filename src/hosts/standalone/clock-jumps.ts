import { type Environment, TOLERATED_STEP } from '../../environment.ts'
import type { Observer } from '../../observe.ts'

/** Milliseconds between two looks at the clocks. */
const EVERY = 1000
/** Milliseconds after which the clocks are compared anew: small corrections add up over hours. */
const COMPARED_FOR = 60_000

/**
 * Tells when the wall clock moves otherwise than time passes: set, or running at another speed. Does not keep the
 * process alive. Returns what ends it.
 */
export function watchClockJumps(
  environment: Pick<Environment, 'now' | 'monotonic'>,
  observe: Observer,
): () => void {
  const instant = () => ({ wall: environment.now(), monotonic: environment.monotonic() })
  let since = instant()
  const timer = setInterval(() => {
    const at = instant()
    const passed = at.monotonic - since.monotonic
    const jump = Math.round(at.wall - since.wall - passed)
    const hasJumped = Math.abs(jump) > TOLERATED_STEP
    if (hasJumped) observe({ type: 'clock', jump })
    if (hasJumped || passed > COMPARED_FOR) since = at
  }, EVERY).unref()
  return () => clearInterval(timer)
}
