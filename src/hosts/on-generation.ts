import type { Compiled, Gateway } from '../compiled.ts'

/** Applies what a gateway serves now; what it gives, called at each use, applies what has been loaded since. */
export function onGeneration(
  gateway: Pick<Gateway, 'compiled'>,
  apply: (compiled: Compiled) => void,
): () => void {
  let applied: Compiled | undefined
  function follow(): void {
    if (gateway.compiled === applied) return
    applied = gateway.compiled
    apply(applied)
  }
  follow()
  return follow
}
