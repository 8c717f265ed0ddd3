import { z } from 'zod'
import { durationFromZeroSchema, durationSchema } from '../units.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** An identifier that verifiers can trust to be ours: https, or http on this machine. */
const publicUrl = z.string().refine(isPublicUrl, {
  error: 'expected an https URL (http on loopback) without user name, query and fragment',
  abort: true,
})

/** The `jwks` block of a gateway file. */
export const jwksSchema = z.strictObject({
  overlap: durationFromZeroSchema
    .optional()
    .describe('How long a key stays published that the files no longer hold. Default 10m.'),
  maxAge: durationSchema
    .optional()
    .describe('How long a verifier may keep the JWK set. Default 5m.'),
  issuer: publicUrl
    .optional()
    .describe('Our issuer identifier; written, /.well-known/openid-configuration is answered.'),
  uri: publicUrl
    .optional()
    .describe('Where verifiers find the JWK set, when that is not below issuer.'),
})

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || /[?#]/.test(text) || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}
