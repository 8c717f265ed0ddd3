import { createHmac, createPublicKey, createSecretKey, type KeyObject, verify } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { compactSigner } from '../../src/credentials/compact.ts'
import { algorithm } from '../../src/keys/algorithms.ts'
import { ALGORITHM_NAMES, type AlgorithmName, loadKey } from '../../src/keys/index.ts'
import { joseCommandKnows, openWithJose } from '../support/jose-command.ts'
import { canRunJwcrypto, openWithJwcrypto } from '../support/jwcrypto.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../support/keys.ts'
import { recordingScope } from '../support/recording-scope.ts'

const CLAIMS = { sub: 'ann', name: 'Ännchen 😀', exp: 4_102_444_800 }
const secret = hmacSecret()
const pairs = { '256': ecKeys(), '384': ecKeys('P-384'), '512': ecKeys('P-521') }

/** The text that a policy file would name as the key, and what verifies. */
function keysFor(alg: AlgorithmName): { readonly text: string; readonly verifier: KeyObject } {
  if (alg.startsWith('HS')) return { text: secret, verifier: createSecretKey(secret, 'utf8') }
  const curve = alg.slice(2) as keyof typeof pairs
  const ed = alg === 'EdDSA' ? ed25519Keys() : undefined
  const pair = ed ?? (alg.startsWith('ES') ? pairs[curve] : rsaKeys())
  return { text: pair.pkcs8, verifier: createPublicKey(pair.spki) }
}

async function signed(signingMethod: AlgorithmName) {
  const { text, verifier } = keysFor(signingMethod)
  const { scope } = recordingScope({ variables: { KEY: text } })
  const key = await loadKey({ signingMethod, privateKey: { env: 'KEY' } }, scope)
  const header = { alg: signingMethod, typ: 'JWT', ...(key?.kid !== undefined && { kid: key.kid }) }
  const token = await compactSigner(key!.signer)(header, CLAIMS)
  const changed = { ...CLAIMS, sub: 'bob' }
  const [head, , signature] = token.split('.')
  return { token, forged: [head, encode(changed), signature].join('.'), verifier }
}

describe.each(ALGORITHM_NAMES.map((alg) => ({ alg })))(
  'T095 a token signed with $alg',
  ({ alg }) => {
    it('verifies with jose, and not when it was changed', async () => {
      const { token, forged, verifier } = await signed(alg)
      const options = { algorithms: [alg] }
      expect((await jwtVerify(token, verifier, options)).payload).toEqual(CLAIMS)
      await expect(jwtVerify(forged, verifier, options)).rejects.toThrow('signature')
    })

    it('verifies with fast-jwt, and not when it was changed', async () => {
      const { token, forged, verifier } = await signed(alg)
      const key = verifier.type === 'secret' ? verifier.export() : spki(verifier)
      const check = createVerifier({ key, algorithms: [alg] })
      expect(check(token)).toEqual(CLAIMS)
      expect(() => check(forged)).toThrow('signature')
    })

    it('verifies with node:crypto, and not when it was changed', async () => {
      const { token, forged, verifier } = await signed(alg)
      expect(verifies(alg, token, verifier)).toBe(true)
      expect(verifies(alg, forged, verifier)).toBe(false)
    })

    it.skipIf(!joseCommandKnows.has(alg))(
      'verifies with the jose command, and not when it was changed',
      async () => {
        const { token, forged, verifier } = await signed(alg)
        const key = verifier.export({ format: 'jwk' })
        expect(JSON.parse(await openWithJose({ token, key }))).toEqual(CLAIMS)
        expect(await openWithJose({ token: forged, key })).toBe('refused')
      },
    )
  },
)

describe.skipIf(!canRunJwcrypto)('T095 jwcrypto', () => {
  it('verifies a token of every algorithm, and none that was changed', async () => {
    const made = await Promise.all(ALGORITHM_NAMES.map(signed))
    const open = (of: 'token' | 'forged') =>
      openWithJwcrypto(
        made.map((one) => ({ token: one[of], key: one.verifier.export({ format: 'jwk' }) })),
      )
    expect(open('token').map((text) => JSON.parse(text))).toEqual(made.map(() => CLAIMS))
    expect(open('forged')).toEqual(made.map(() => 'refused: InvalidJWSSignature'))
  })
})

/** RFC 7518 section 3, RFC 8037 section 3.1. */
function verifies(alg: AlgorithmName, token: string, key: KeyObject): boolean {
  const [header, claims, signature = ''] = token.split('.')
  const input = Buffer.from(`${header}.${claims}`)
  const spec = algorithm(alg)
  const bytes = Buffer.from(signature, 'base64url')
  if (spec.family === 'HMAC') {
    return createHmac(spec.hash, key).update(input).digest().equals(bytes)
  }
  return verify(spec.hash, input, { key, ...spec.options }, bytes)
}

function spki(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
