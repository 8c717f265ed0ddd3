import fc from 'fast-check'
import { type AlgorithmName, generateKey, loadKey } from '../../src/keys/index.ts'
import type { JsonObject } from '../../src/types.ts'
import { canMakeCertificates } from './certificate.ts'
import { selfSigned } from './key-certificate.ts'
import { ecKeys } from './keys.ts'
import { makePkcs12 } from './pkcs12.ts'
import { recordingScope } from './recording-scope.ts'

/** Members of a JWK that no verifier may see (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']
const PUBLIC = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y', 'x5c', 'x5t', 'x5t#S256']

/** Names of private members in a JSON value, at any depth and in any case. */
export function privateMembers(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [
    ...(PRIVATE.includes(name.toLowerCase()) ? [name] : []),
    ...privateMembers(member),
  ])
}

const inAnyCase = (names: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...names), fc.boolean())
    .map(([name, upper]) => (upper ? name.toUpperCase() : name))

/** Anything like a JWK: of every kty, with public and private members of any value, at any depth. */
export const anyJwk: fc.Arbitrary<JsonObject> = fc
  .letrec<{ value: unknown; members: object }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.jsonValue(),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('members'),
    ),
    members: fc.dictionary(
      fc.oneof(inAnyCase(PRIVATE), inAnyCase(PUBLIC), fc.constant('__proto__'), fc.string()),
      tie('value'),
    ),
  }))
  .members.chain((members) =>
    fc
      .record({
        kty: fc.oneof(fc.constantFrom('RSA', 'EC', 'OKP', 'oct', 'rsa', '__proto__'), fc.string()),
        // what is found when it leaks, whatever the other members are
        d: fc.constant('PRIVATE'),
        oth: fc.constant([{ r: 'PRIVATE', d: 'PRIVATE', t: 'PRIVATE' }]),
      })
      .map((fixed) => ({ ...members, ...fixed }) as unknown as JsonObject),
  )

/** A private key of every algorithm, loaded, and one with a certificate in PEM and in PKCS#12 each. */
export async function loadedKeys(algorithms: readonly AlgorithmName[]) {
  const texts = algorithms.map((name) => [name, { KEY: generateKey(name).reveal() }] as const)
  const keys = await Promise.all(texts.map(([name, variables]) => load(name, variables)))
  if (!canMakeCertificates) return keys
  const { pkcs8 } = ecKeys()
  const certificate = await selfSigned(pkcs8)
  const file = await makePkcs12({ key: pkcs8, certificate, passphrase: 'open' })
  const variables = { KEY: file.toString('base64'), PASSPHRASE: 'open' }
  return [
    ...keys,
    await load('ES256', { KEY: pkcs8 + certificate }),
    await load('ES256', variables, { env: 'PASSPHRASE' }),
  ]
}

async function load(
  signingMethod: AlgorithmName,
  variables: Record<string, string>,
  passphrase?: { readonly env: string },
) {
  const { scope, faults } = recordingScope({ variables })
  const privateKey = { env: 'KEY', ...(passphrase && { passphrase }) }
  const key = await loadKey({ signingMethod, privateKey }, scope)
  if (!key) throw new Error(`expected a key of ${signingMethod}: ${JSON.stringify(faults)}`)
  return key
}
