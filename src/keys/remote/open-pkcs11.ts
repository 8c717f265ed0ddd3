import type { Scope } from '../../kind.ts'
import type { RemoteKey } from '../key-material.ts'
import { createGuard, DEFAULT_TIMEOUT } from './guard.ts'
import { readPkcs11Key } from './pkcs11-key.ts'
import { openLibrary } from './pkcs11-library.ts'
import { openToken } from './pkcs11-token.ts'
import { createRemoteKey } from './remote-key.ts'
import { readSecret, type SecretReference } from './secret-reference.ts'

/** `pkcs11` as written. */
export interface Pkcs11Config {
  /** Absolute path. */
  readonly library: string
  /** Label of the token. */
  readonly token: string
  /** Label of the key. */
  readonly label: string
  /** `CKA_ID` of the key in hexadecimal. */
  readonly id?: string | undefined
  readonly pin: SecretReference
  /** Milliseconds of one attempt. Default 2000. */
  readonly timeout?: number | undefined
}

/** Finds a key in a PKCS#11 token. Rejects with a `RemoteFault`. */
export async function openPkcs11(config: Pkcs11Config, scope: Scope): Promise<RemoteKey> {
  const { label, id, timeout = DEFAULT_TIMEOUT } = config
  const pin = await readSecret(config.pin, scope, ['pin'])
  const library = await openLibrary(config.library)
  const token = openToken(library, config.token, pin)
  const guard = createGuard({ timeout, monotonic: scope.environment.monotonic })
  const key = await guard.run((signal) =>
    readPkcs11Key(library.cryptoki, token, { label, id }, signal),
  )
  return createRemoteKey({ ...key, guard, origin: 'PKCS#11', path: ['pkcs11', 'label'] })
}
