import type { Authenticator, InboundCredential } from './authenticator.ts'

/** An authenticator as a gateway file names it. */
export interface NamedAuthenticator {
  readonly name: string
  /** The key that holds its part in the file. */
  readonly kind: string
  readonly authenticator: Authenticator
  /** False: it recognises nobody, yet its credential is taken off. */
  readonly enabled: boolean
  readonly forwardCredential: boolean
  /** True when it can find no credential, as the listener asks no client for it. */
  readonly isBlind?: boolean
}

/** One that is never asked: what is known of it is its credential. */
export function unasked(credential: InboundCredential): Authenticator {
  return { ...credential, challenge: () => '', examine: () => undefined }
}
