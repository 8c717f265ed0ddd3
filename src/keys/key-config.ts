import { z } from 'zod'
import { signingMethodSchema } from './algorithms.ts'
import { keyMaterialSchema, privateKeySchema } from './key-source.ts'
import { keyTypeSchema } from './key-type.ts'
import { kidSchema } from './kid.ts'

const allowWeakKey = z
  .boolean()
  .optional()
  .describe('Accept a short secret or RSA key, with a warning. Default false.')

const certificateHeaders = z
  .array(z.enum(['x5c', 'x5t', 'x5t#S256']))
  .optional()
  .describe(
    'What of the certificate stands in the JOSE header. Default: all three when there is one.',
  )

const oneKey = {
  keyType: keyTypeSchema.optional(),
  certificate: keyMaterialSchema
    .optional()
    .describe('Certificate of the key, leaf first, as PEM: { file } or { env }.'),
  kid: kidSchema.optional(),
}

/** One entry of `keys`. */
const keyEntrySchema = z.strictObject({
  use: z
    .enum(['sign', 'next', 'retired'])
    .describe('sign: signs, exactly one; next and retired: only published.'),
  signingMethod: signingMethodSchema.optional().describe('Algorithm of this key, if another.'),
  privateKey: privateKeySchema.optional(),
  publicKey: keyMaterialSchema
    .optional()
    .describe('The public half, enough for next and retired: PEM, JWK or certificate.'),
  ...oneKey,
})

/** The keys of a `jwt` block or account that decide the key. */
export const keyShape = {
  signingMethod: signingMethodSchema,
  privateKey: privateKeySchema.optional(),
  keys: z
    .array(keyEntrySchema)
    .min(1)
    .optional()
    .describe('Several keys in place of privateKey: one signs, others are published.'),
  ...oneKey,
  certificateHeaders,
  allowWeakKey,
}

/** One entry of `keys` that fits the schema. */
export type KeyEntryConfig = z.infer<typeof keyEntrySchema>

/** What a key is for: `sign` signs, `next` and `retired` are only published. */
export type KeyUse = KeyEntryConfig['use']

/** The members of a `jwt` block or account that decide the key. */
export type KeyConfig = z.infer<z.ZodObject<typeof keyShape>>
