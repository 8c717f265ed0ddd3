import { z } from 'zod'
import { durationFromZeroSchema, durationSchema } from '../../units.ts'
import { keyMaterialSchema } from '../key-source.ts'
import { keyTypeSchema } from '../key-type.ts'
import { filePathSchema } from '../sources/secret-file.ts'

const allowInsecure = z
  .boolean()
  .optional()
  .describe('true: the URL may be http to another machine. Default false.')

const remoteSetSchema = z.strictObject({
  url: z.string().describe('https URL of a JWK set.'),
  allowInsecure,
  allowPrivateAddresses: z
    .boolean()
    .optional()
    .describe('true: the set may be at an address of a private network. Default false.'),
  ca: filePathSchema
    .optional()
    .describe(
      'Path of a PEM file of the authorities of its certificate. Default: the public ones.',
    ),
  refresh: durationSchema
    .optional()
    .describe('After this time it is fetched again in the background. Default 10m.'),
  maxStale: durationFromZeroSchema
    .optional()
    .describe('How long the last good set is used while the issuer is away. Default 24h.'),
  cooldown: durationSchema
    .optional()
    .describe('Least time between two fetches for key ids that are not in the set. Default 30s.'),
})

/** The members of a `jwt` authenticator that decide the keys; exactly one of the first four must be there. */
export const verifyingKeyShape = {
  secret: keyMaterialSchema
    .optional()
    .describe('The shared secret of HMAC: { env: NAME }, { file: PATH }, { jwk: … }, or itself.'),
  publicKey: keyMaterialSchema
    .optional()
    .describe('The public key: PEM, JWK, DER or certificate, as { file: PATH } or itself.'),
  jwks: z
    .union([filePathSchema, z.strictObject({ file: filePathSchema })])
    .optional()
    .describe('Path of a file that holds a JWK set (RFC 7517 section 5).'),
  jwksUrl: z
    .union([z.string(), remoteSetSchema])
    .optional()
    .describe('URL of the JWK set of the issuer, or { url, … }.'),
  allowInsecure,
  keyType: keyTypeSchema.optional(),
  allowWeakKey: z
    .boolean()
    .optional()
    .describe('Accept a short secret or RSA key, with a warning. Default false.'),
}

/** Those members as written. */
export type VerifyingKeyConfig = z.infer<z.ZodObject<typeof verifyingKeyShape>>

/** `jwksUrl` in its long form, as written. */
export type RemoteSetConfig = z.infer<typeof remoteSetSchema>
