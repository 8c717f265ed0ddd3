import type { Secret } from '../secret.ts'
import type { CredentialSource } from '../types.ts'

/** Gives every request the same credential, which has no expiry; a reload reads it again. */
export function constantSource(value: Secret): CredentialSource {
  const credential = { value }
  return {
    reads: new Set(),
    publicKeys: [],
    close: () => undefined,
    issue: () => credential,
  }
}
