import type { KeyObject } from 'node:crypto'
import { CountersignError } from '../../errors.ts'
import type { Path } from '../../kind.ts'
import type { AlgorithmName } from '../algorithms.ts'
import type { RemoteKey } from '../key-material.ts'
import { verifySignature } from '../verify-signature.ts'
import type { Guard } from './guard.ts'
import { RemoteFault } from './remote-fault.ts'

/** What makes a remote key. */
export interface RemoteKeyParts {
  readonly publicKey: KeyObject
  readonly guard: Guard
  /** One attempt at a signature in JWS form. */
  sign(alg: AlgorithmName, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  /** For messages: `Vault Transit`. */
  readonly origin: string
  /** Where it stands below `privateKey`. */
  readonly path: Path
}

/**
 * A remote key behind its guard. Each signature is verified before it is given away: a signer may have got another key
 * under the name of this one. Whatever goes wrong is `key/unavailable`, with the fault as its cause.
 */
export function createRemoteKey({ guard, sign, ...parts }: RemoteKeyParts): RemoteKey {
  const { publicKey, origin, path } = parts
  return {
    ...parts,
    async sign(alg, bytes) {
      try {
        const signature = await guard.run((signal) => sign(alg, bytes, signal))
        if (await verifySignature(alg, publicKey, bytes, signature)) return signature
        throw new RemoteFault('bad-signature', {
          message: `expected a signature with ${alg} that the public half of the key verifies`,
          hint: 'reload to read its public half again: the signer may have another key under this name, or give another form than JWS',
        })
      } catch (error) {
        const cause = error instanceof RemoteFault ? error.below(path) : error
        const message = `expected the key from ${origin} to sign with ${alg}`
        throw new CountersignError('key/unavailable', message, {}, { cause })
      }
    },
  }
}
