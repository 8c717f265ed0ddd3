import type { z } from 'zod'
import type { Path } from '../../kind.ts'
import type { Draft } from './draft.ts'

/** A policy of a Flex or Omni Gateway that has an equal here, by its `policyRef.name`. */
export interface FlexPolicyKind<Config> {
  /** Its `config`, as its page documents it. */
  readonly schema: z.ZodType<Config>
  /** Members of `config` that hold a secret. */
  readonly secrets: readonly string[]
  /** Members that hold a number or a boolean. */
  readonly scalars: readonly string[]
  /** Members that hold one of several words. */
  readonly choices?: readonly string[]
  /** Writes the same in our format; `at` is where `config` stands in the Flex document. */
  write(config: Config, draft: Draft, at: Path): void
}

/** Reports a secret that is an expression: none of these fields is documented to hold one. */
export function checkSecret(text: string, draft: Draft, from: Path): void {
  if (!text.startsWith('#[')) return
  draft.report(from, {
    severity: 'error',
    rule: 'flex/secret',
    message: 'expected a secret or $NAME, not an expression',
    hint: 'name the environment variable that holds it: $NAME',
  })
}
