import { z } from 'zod'
import { credentialKinds } from '../credentials/index.ts'
import { placementSchema } from '../inject/index.ts'
import { matchSchema } from './match.ts'

const kebabCase = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'expected kebab-case: lower-case words joined by "-"')

type Kinds = typeof credentialKinds

const credentialShape = Object.fromEntries(
  Object.entries(credentialKinds).map(([key, { schema }]) => [key, schema.optional()]),
) as { readonly [Key in keyof Kinds]: z.ZodOptional<Kinds[Key]['schema']> }

/** Keys of a policy file that hold a credential source; exactly one is written. */
export const CREDENTIAL_KEYS = Object.keys(credentialShape) as (keyof typeof credentialShape)[]

/** One policy file document. The one definition: types, validation and the JSON Schema come from it. */
export const policySchema = z
  .strictObject({
    name: kebabCase.describe('Unique name, kebab-case.'),
    description: z.string().optional().describe('What the policy is for.'),
    enabled: z.boolean().optional().describe('false: listed but inert. Default true.'),
    order: z.int().optional().describe('Ascending, then by name. Default 50.'),
    match: matchSchema
      .extend({ route: z.string().optional().describe('Name of the one route it applies to.') })
      .optional()
      .describe('Which requests; all that stand here must hold. Absent: every request.'),
    when: z
      .string()
      .regex(/^#\[/, 'expected an expression "#[…]"')
      .optional()
      .describe('A boolean expression; when false the policy only removes what the client sent.'),
    ...credentialShape,
    inject: z
      .union([placementSchema, z.array(placementSchema).min(1)])
      .optional()
      .describe('Where the credential goes; a list for several places. Default: Authorization.'),
    saveAs: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and "_"')
      .optional()
      .describe('Later policies see tokens.<name>.{value, claims, header, expiresAt}.'),
    onFailure: z
      .enum(['reject', 'passThrough'])
      .optional()
      .describe('reject (default), or passThrough: forward without the credential, logged.'),
  })
  .refine((policy) => CREDENTIAL_KEYS.filter((key) => policy[key] !== undefined).length === 1, {
    error: `expected one credential source: ${CREDENTIAL_KEYS.join(', ')}`,
    path: [CREDENTIAL_KEYS[0] ?? ''],
    params: { rule: 'schema/required' },
    // also when something else is wrong, so that one run finds both
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  })

/** A policy file document that fits the schema. */
export type PolicyConfig = z.infer<typeof policySchema>
