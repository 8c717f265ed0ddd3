import { z } from 'zod'
import { keyMaterialSchema } from '../key-source.ts'
import { keyTypeSchema } from '../key-type.ts'
import { CONTENT_ENCRYPTION_NAMES, KEY_MANAGEMENT_NAMES } from './encryption-algorithms.ts'
import { encryptionKidSchema } from './encryption-kid.ts'

/** `encrypt` of a `jwt` block. */
export const encryptSchema = z
  .strictObject({
    alg: z
      .enum(KEY_MANAGEMENT_NAMES)
      .meta({ title: 'key management algorithm' })
      .describe('How the content key reaches the recipient (RFC 7518 section 4).'),
    enc: z
      .enum(CONTENT_ENCRYPTION_NAMES)
      .meta({ title: 'content encryption algorithm' })
      .describe('What encrypts the content (RFC 7518 section 5).'),
    publicKey: keyMaterialSchema
      .optional()
      .describe("The recipient's public key, for RSA-OAEP and ECDH-ES: PEM, JWK or certificate."),
    secret: keyMaterialSchema
      .optional()
      .describe('The shared secret, for dir, AxxxKW and AxxxGCMKW; its length is that of the key.'),
    keyType: keyTypeSchema.optional(),
    kid: encryptionKidSchema.optional(),
    signed: z
      .boolean()
      .optional()
      .describe('A signed token inside (default true); false: claims that are only encrypted.'),
  })
  .describe('Encrypts the token (JWE, RFC 7516).')

/** An `encrypt` block that fits the schema. */
export type EncryptConfig = z.infer<typeof encryptSchema>
