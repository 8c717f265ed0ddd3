import type { Fuzz } from './fuzz-kind.ts'
import { answers } from './kinds/answers.ts'
import { bodies } from './kinds/bodies.ts'
import { dataweave, jsonata } from './kinds/expressions.ts'
import { gatewayFiles } from './kinds/gateway-files.ts'
import { heads } from './kinds/heads.ts'
import { policyFiles } from './kinds/policy-files.ts'
import { tokens } from './kinds/tokens.ts'
import { upgrades } from './kinds/upgrades.ts'

/** Every kind of input. */
export const kinds: readonly Fuzz[] = [
  heads,
  bodies,
  answers,
  upgrades,
  tokens,
  policyFiles,
  gatewayFiles,
  dataweave,
  jsonata,
]
