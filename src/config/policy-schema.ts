import { z } from 'zod'
import { cacheShape } from '../cache/index.ts'
import { credentialKinds } from '../credentials/index.ts'
import { placementSchema } from '../inject/index.ts'
import { isMap } from '../is-map.ts'
import { exposureSchema } from './exposure.ts'
import { kebabCase } from './kebab-case.ts'
import { createKindChoice } from './kind-choice.ts'
import { matchSchema } from './match.ts'

const kinds = createKindChoice(credentialKinds)

/** Keys of a policy file that hold a credential source; at most one is written. */
export const CREDENTIAL_KEYS = kinds.keys

/** Keys that mean something only beside a credential source. */
const CREDENTIAL_USES = ['cache', 'saveAs', 'exposeToClient'] as const

/** `cache` of a policy. */
export const cacheSchema = z.strictObject({
  name: kebabCase.optional().describe('A cache of the gateway file, for this policy alone.'),
  ...cacheShape,
})

/** One policy file document. The one definition: types, validation and the JSON Schema come from it. */
export const policySchema = z
  .strictObject({
    name: kebabCase.describe('Unique name, kebab-case.'),
    description: z.string().optional().describe('What the policy is for.'),
    enabled: z.boolean().optional().describe('false: listed but inert. Default true.'),
    order: z.int().optional().describe('Ascending, then by name. Default 50.'),
    match: matchSchema
      .extend({
        route: z
          .union([z.string(), z.array(z.string()).min(1)])
          .optional()
          .describe('Name of the one route it applies to, or several.'),
      })
      .optional()
      .describe('Which requests; all that stand here must hold. Absent: every request.'),
    when: z
      .string()
      .regex(/^#\[/, 'expected an expression "#[…]"')
      .optional()
      .describe('A boolean expression; when false the policy only removes what the client sent.'),
    ...kinds.shape,
    inject: z
      .union([placementSchema, z.array(placementSchema).min(1)])
      .optional()
      .describe('Where the credential goes; a list for several places. Default: Authorization.'),
    cache: cacheSchema
      .optional()
      .describe(
        'How tokens are reused. Absent: until shortly before they expire when that is safe.',
      ),
    saveAs: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and "_"')
      .optional()
      .describe('Later policies see tokens.<name>.{value, claims, header, expiresAt}.'),
    exposeToClient: exposureSchema
      .optional()
      .describe('Gives the credential to the caller, too. Off by default.'),
    onFailure: z
      .enum(['reject', 'passThrough'])
      .optional()
      .describe('reject (default), or passThrough: forward without the credential, logged.'),
  })
  .superRefine(checkSource, {
    // also when something else is wrong, so that one run finds both
    when: ({ value }) => isMap(value),
  })

/** A policy file document that fits the schema. */
export type PolicyConfig = z.infer<typeof policySchema>

function checkSource(
  policy: Readonly<Record<string, unknown>>,
  { addIssue }: z.core.$RefinementCtx,
): void {
  const sources = kinds.count(policy)
  const needsNone = [policy.inject].flat().every(hasValue)
  if (sources > 1 || (sources === 0 && !needsNone)) {
    const message = `expected one credential source: ${CREDENTIAL_KEYS.join(', ')}`
    const path = [CREDENTIAL_KEYS[0] ?? '']
    addIssue({ code: 'custom', message, path, params: { rule: 'schema/required' } })
  } else if (sources === 0) {
    for (const key of CREDENTIAL_USES) {
      if (policy[key] === undefined) continue
      const message = 'expected nothing here: the policy makes no credential'
      addIssue({ code: 'custom', message, path: [key], params: { rule: 'schema/value' } })
    }
  }
}

function hasValue(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'value' in entry
}
