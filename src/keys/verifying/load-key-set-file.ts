import type { Scope } from '../../kind.ts'
import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'
import { parseJwkSet } from '../formats/jwk.ts'
import { readSecretText } from '../sources/secret-file.ts'
import { createKeySet } from './key-set.ts'
import type { VerifyingKeyConfig } from './verifying-key-config.ts'
import type { VerifyingKeys } from './verifying-keys.ts'

/**
 * The keys of a JWK set in a file (RFC 7517 section 5). A key that cannot be used is warned about and passed over; a
 * set without a key for any of the algorithms is an error. Undefined after that.
 */
export async function loadKeySetFile(
  written: NonNullable<VerifyingKeyConfig['jwks']>,
  { allowWeakKey = false }: VerifyingKeyConfig,
  algorithms: readonly AlgorithmName[],
  scope: Scope,
): Promise<VerifyingKeys | undefined> {
  const [path, place] =
    typeof written === 'string'
      ? [written, scope.at('jwks')]
      : [written.file, scope.at('jwks', 'file')]
  const text = await readSecretText(path, place, 'JWK set')
  if (text === undefined) return undefined
  const members = parseJwkSet(text.reveal())
  if (members === undefined) {
    place.report([], {
      severity: 'error',
      rule: 'key/parse',
      message: 'expected a JWK set: one whole JSON object with "keys"',
      hint: 'a file that holds one key alone is written publicKey: { file: PATH }',
    })
    return undefined
  }
  const keys = await createKeySet(members, {
    algorithms,
    allowWeakKey,
    report({ message, ...fault }, index) {
      const unused = fault.severity === 'error' ? ', which is not used' : ''
      const key = `key ${index + 1} of the JWK set${unused}`
      place.report([], { ...fault, severity: 'warning', message: `${message} (${key})` })
    },
  })
  const idle = algorithms.filter((name) => keys.count(name) === 0)
  for (const name of idle) {
    place.report([], {
      severity: idle.length === algorithms.length ? 'error' : 'warning',
      rule: 'key/mismatch',
      message: `expected a key for ${name} in the JWK set: ${specOf(name).keyKind}`,
      hint: 'a key needs the type and, when it has them, "alg", "use" and "key_ops" of the algorithm',
    })
  }
  return idle.length === algorithms.length ? undefined : keys
}
