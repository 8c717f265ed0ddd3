import { z } from 'zod'
import { CLAIM_TYPES } from '../claims/index.ts'
import { kidSchema, privateKeySchema, signingMethodSchema } from '../keys/index.ts'
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

const member = {
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

const customHeader = z.strictObject({
  ...member,
  value: value.describe('As for claims; null leaves the parameter out, typ: JWT for one.'),
})

/** The keys of a `jwt` block that decide the key. */
export const keySchema = z.object({
  signingMethod: signingMethodSchema,
  privateKey: privateKeySchema,
  allowWeakKey: z
    .boolean()
    .optional()
    .describe('Accept a short secret or RSA key, with a warning. Default false.'),
  kid: kidSchema.optional(),
})

/** The `jwt` block of a policy file. */
export const jwtSchema = z
  .strictObject({
    ...keySchema.shape,
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
    customClaims: z.array(z.strictObject(member)).optional().describe('Further claims, in order.'),
    customHeaders: z
      .array(customHeader)
      .optional()
      .describe('Parameters of the JOSE header. alg, b64 and crit are fixed.'),
  })
  .describe('Signs a JWT (RFC 7519).')

/** Entries of `customClaims` or `customHeaders`, without what does not fit of their options. */
const membersSchema = z.array(
  z.object({
    ...member,
    type: member.type.catch(undefined),
    onMissing: member.onMissing.catch(undefined),
  }),
)

/** Those members of a `jwt` block that fit, each for itself. */
export function fittingMembers(part: Readonly<Record<string, unknown>>): Partial<JwtConfig> {
  const lists = { customClaims: membersSchema, customHeaders: membersSchema }
  const members = Object.entries({ ...jwtSchema.shape, ...lists }).flatMap(([name, schema]) => {
    const fitting = part[name] === undefined ? undefined : schema.safeParse(part[name])
    return fitting?.success ? [[name, fitting.data] as const] : []
  })
  return Object.fromEntries(members)
}

/** A `jwt` block that fits the schema. */
export type JwtConfig = z.infer<typeof jwtSchema>
