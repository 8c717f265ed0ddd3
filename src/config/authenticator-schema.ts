import { z } from 'zod'
import { authenticatorKinds } from '../authenticate/index.ts'
import { isMap } from '../is-map.ts'
import { createKindChoice } from './kind-choice.ts'

const kinds = createKindChoice(authenticatorKinds)

/** Keys of an authenticator that hold its kind; one is written. */
export const KIND_KEYS = kinds.keys

/** One authenticator of a gateway file: its kind, and what goes for every kind. */
export const authenticatorSchema = z
  .strictObject({
    enabled: z.boolean().optional().describe('false: it recognises nobody. Default true.'),
    forwardCredential: z
      .boolean()
      .optional()
      .describe('true: the inbound credential goes on to the upstream. Default false.'),
    ...kinds.shape,
  })
  .superRefine(
    (written, { addIssue }) => {
      if (kinds.count(written) === 1) return
      const message = `expected one kind of authenticator: ${KIND_KEYS.join(', ')}`
      addIssue({ code: 'custom', message, params: { rule: 'schema/required' } })
    },
    { when: ({ value }) => isMap(value) },
  )

/** An authenticator of a gateway file that fits the schema. */
export type AuthenticatorConfig = z.infer<typeof authenticatorSchema>
