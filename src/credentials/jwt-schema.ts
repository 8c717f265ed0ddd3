import { z } from 'zod'
import { CLAIM_TYPES } from '../claims/index.ts'
import { isMap } from '../is-map.ts'
import { ALGORITHM_NAMES, encryptSchema, keyShape } from '../keys/index.ts'
import type { Json } from '../types.ts'

const expression = z
  .string()
  .regex(/^#\[/, 'expected an expression "#[…]"')
  .describe('An expression that gives a NumericDate (whole seconds since 1970).')

const seconds = z.int().nonnegative()
const offset = z.strictObject({
  offset: z.int().describe('Seconds, negative for the past.'),
})

const value: z.ZodType<Json> = z
  .json()
  .describe('Text, number, boolean, array or object; texts may hold #[…] expressions at any depth.')

/** An entry of `customClaims` or `customHeaders`. */
export const memberShape = {
  name: z.string().min(1).describe('Name; may be an expression.'),
  value,
  type: z
    .enum(CLAIM_TYPES)
    .optional()
    .describe('Converted only without loss, else the request is refused.'),
  onMissing: z
    .enum(['error', 'omit', 'null'])
    .optional()
    .describe('When the request has no value: error (default), omit or null.'),
}

const customClaim = z.strictObject({
  ...memberShape,
  name: memberShape.name.describe(
    'Name; may be an expression. One that begins with / is a JSON pointer: /org/id.',
  ),
})

const customHeader = z.strictObject({
  ...memberShape,
  value: value.describe('As for claims; null leaves the parameter out, typ: JWT for one.'),
})

/** A member that has to be written, and when it has not. */
interface Required {
  readonly name: 'signingMethod' | 'privateKey' | 'exp'
  readonly expected: string
  isThere(block: Readonly<Record<string, unknown>>): boolean
}

const isUnsigned = ({ encrypt }: Readonly<Record<string, unknown>>) =>
  isMap(encrypt) && encrypt.signed === false

const REQUIRED: readonly Required[] = [
  {
    name: 'signingMethod',
    expected: ALGORITHM_NAMES.join(', '),
    isThere: (block) => block.signingMethod !== undefined || isUnsigned(block),
  },
  {
    name: 'privateKey',
    expected: 'the key that signs, here or as keys',
    isThere: (block) =>
      block.privateKey !== undefined || block.keys !== undefined || isUnsigned(block),
  },
  {
    name: 'exp',
    expected: 'seconds, { after, from }, an expression, or 0 for none',
    isThere: (block) => block.exp !== undefined,
  },
]

/** The `jwt` block of a policy file. */
export const jwtSchema = z
  .strictObject({
    account: z
      .string()
      .min(1)
      .optional()
      .describe('Account of the gateway file: issuer, lifetime and keys come from there.'),
    ...keyShape,
    signingMethod: keyShape.signingMethod.optional(),
    encrypt: encryptSchema.optional(),
    iat: z
      .union([z.boolean(), offset, expression])
      .optional()
      .describe('Issued at: true (default), false, { offset } in seconds, or an expression.'),
    exp: z
      .union([
        seconds,
        z.strictObject({
          after: z.int().positive().describe('Seconds.'),
          from: z.enum(['iat', 'now']).optional().describe('Counted from iat (default) or now.'),
        }),
        expression,
      ])
      .optional()
      .describe('Expires: seconds after iat, { after, from }, an expression, or 0 for none.'),
    nbf: z
      .union([seconds, offset, expression])
      .optional()
      .describe(
        'Not before: seconds from iat, { offset }, an expression, or 0 (default) for none.',
      ),
    iss: z.string().min(1).optional().describe('Issuer; may be an expression.'),
    sub: z.string().min(1).optional().describe('Subject; may be an expression.'),
    aud: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Audience: one or a list; may be expressions.'),
    jti: z
      .union([z.boolean(), z.string().regex(/#\[/, 'expected true, false or an expression "#[…]"')])
      .optional()
      .describe('Token id: true for a UUID, false (default), or an expression.'),
    singleUse: z.boolean().optional().describe('true: never reuse this token. Default false.'),
    minReuse: seconds
      .optional()
      .describe(
        'Seconds for which one token is used: iat is the begin of a fixed window of that length. 0 (default): none.',
      ),
    customClaims: z.array(customClaim).optional().describe('Further claims, in order.'),
    customHeaders: z
      .array(customHeader)
      .optional()
      .describe('Parameters of the JOSE header. alg, b64 and crit are fixed.'),
  })
  .describe('Signs a JWT (RFC 7519).')
  .check(...REQUIRED.map(required))

// What an account gives is known when there is one; until then the block has to say it.
function required({ name, expected, isThere }: Required) {
  return z.refine((block) => !isMap(block) || block.account !== undefined || isThere(block), {
    error: `required: expected ${expected}, or an account that has it`,
    path: [name],
    params: { rule: 'schema/required' },
    // also when something else is wrong, so that one run finds both
    when: () => true,
  })
}

/** A `jwt` block that fits the schema. */
export type JwtConfig = z.infer<typeof jwtSchema>
