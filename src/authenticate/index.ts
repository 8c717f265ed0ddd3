import { anonymous } from './anonymous.ts'
import { apiKey } from './api-key.ts'
import { basic } from './basic.ts'
import { clientCertificate } from './client-certificate.ts'
import { jwt } from './jwt/index.ts'
import { trustedHeader } from './trusted-header.ts'

export { createAdmission } from './admission.ts'
export type { Authenticator, AuthenticatorKind, AuthenticatorOptions } from './authenticator.ts'
export { type NamedAuthenticator, unasked } from './named-authenticator.ts'
export { REASONS, type Reason } from './reason.ts'

/**
 * EXTENSION POINT: the authenticators, by the key of the gateway file that holds their part. A new kind is one
 * file and one line here.
 */
export const authenticatorKinds = {
  jwt,
  apiKey,
  basic,
  clientCertificate,
  trustedHeader,
  anonymous,
}
