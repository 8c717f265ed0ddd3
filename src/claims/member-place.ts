import { withPlace } from '../errors.ts'
import type { Json, RequestContext } from '../types.ts'
import type { Eventual } from './eventual.ts'
import type { Value } from './value.ts'

/** What errors about a claim, a header parameter or another key of a policy say of it. */
export interface MemberPlace {
  readonly claim: string
  /** `file:line:col`. */
  readonly at: string
}

/** The value for a request; what it throws says where in the file it stands. */
export function evaluateAt(
  value: Value,
  context: RequestContext,
  place: MemberPlace,
): Eventual<Json | undefined> {
  try {
    const found = value.evaluate(context)
    if (!(found instanceof Promise)) return found
    return found.catch((error: unknown) => {
      throw withPlace(error, place)
    })
  } catch (error) {
    throw withPlace(error, place)
  }
}
