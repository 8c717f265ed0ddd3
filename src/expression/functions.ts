import type { ExpressionFunction } from './expression-function.ts'
import { unfit } from './failure.ts'
import { CANONICAL } from './functions/canonical.ts'
import { DATAWEAVE } from './functions/dataweave.ts'
import { DIGEST } from './functions/digest.ts'
import { RANDOM } from './functions/random.ts'
import { TIME } from './functions/time.ts'

/** Every function of ours by its name without `$`. `docs/expressions.md` has the same list. */
export const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  ...RANDOM,
  ...DIGEST,
  ...TIME,
  ...CANONICAL,
  ...DATAWEAVE,
  // Refused at load; this is for a name that comes about in a way the load did not see.
  eval: {
    signature: '<x?x?:x>',
    call() {
      throw unfit('an expression without $eval')
    },
  },
}
