import type { RequestContext } from '../types.ts'
import type { Sealing } from './sealing.ts'

/**
 * What the expressions of a block see of a request context, with the key and account of the block where one of
 * them reads these. For a static block it is nothing of the request: renewals come long after it, and must not
 * keep its headers and body in memory.
 */
export function contextView(
  readsOwn: boolean,
  isStatic: boolean,
  sees: Sealing['sees'],
): (context: RequestContext) => RequestContext {
  if (!isStatic) return readsOwn ? (context) => ({ ...context, ...sees }) : (context) => context
  let last: Pick<RequestContext, 'vars'> | undefined
  return ({ vars }) => {
    // Vars are one object for all requests of a generation.
    if (last?.vars !== vars) last = { vars, ...sees }
    // A static block reads nothing else.
    return last as RequestContext
  }
}
