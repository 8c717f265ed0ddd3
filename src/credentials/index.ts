import { apiKey } from './api-key.ts'
import { basic } from './basic.ts'
import { jwt } from './jwt.ts'

export type { Account, CredentialKind, ShareToken, SourceOptions } from './credential-kind.ts'

/**
 * EXTENSION POINT: the credential sources, by the key of the policy file that holds their part. A new kind
 * is one file and one line here.
 */
export const credentialKinds = { jwt, basic, apiKey }
