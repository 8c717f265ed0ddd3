import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { CompactSign } from 'jose'
import { describe, expect, it } from 'vitest'
import type { AlgorithmName } from '../../../../src/keys/index.ts'
import { verifyJws } from '../../../../src/keys/index.ts'
import { ecKeys, ed25519Keys, rsaKeys } from '../../../support/keys.ts'

interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

function secret(bytes: number): Pair {
  const key = createSecretKey(randomBytes(bytes))
  return { privateKey: key, publicKey: key }
}

const TABLE: readonly (readonly [AlgorithmName, Pair, Pair])[] = [
  ['HS256', secret(32), secret(32)],
  ['HS384', secret(48), secret(48)],
  ['HS512', secret(64), secret(64)],
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const).map(
    (alg) => [alg, rsaKeys(), rsaKeys(2048, 'other')] as const,
  ),
  ['ES256', ecKeys('P-256'), ecKeys('P-256', 'other')],
  ['ES384', ecKeys('P-384'), ecKeys('P-384', 'other')],
  ['ES512', ecKeys('P-521'), ecKeys('P-521', 'other')],
  ['EdDSA', ed25519Keys(), ed25519Keys('other')],
]

const signed = (alg: string, key: KeyObject) =>
  new CompactSign(Buffer.from('{"sub":"ada"}')).setProtectedHeader({ alg }).sign(key)

describe('the check of a compact JWS', () => {
  it.each(TABLE)('takes what another library signed with %s, and nothing else', async (...row) => {
    const [alg, pair, other] = row
    const token = await signed(alg, pair.privateKey)
    const [header = '', claims = '', signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const altered = (index: number) => {
      const copy = Buffer.from(bytes)
      copy[index] = copy[index]! ^ 1
      return copy
    }
    const withSignature = (of: Buffer) => `${header}.${claims}.${of.toString('base64url')}`

    expect(await verifyJws(token, pair.publicKey, alg)).toBe(true)
    expect(await verifyJws(token, other.publicKey, alg)).toBe(false)
    expect(await verifyJws(`${header}.${claims}A.${signature}`, pair.publicKey, alg)).toBe(false)
    const wrong = [
      ...[altered(0), altered(bytes.length - 1), bytes.subarray(1), Buffer.alloc(0)],
      ...[Buffer.concat([bytes, bytes]), Buffer.alloc(bytes.length), Buffer.alloc(1)],
    ]
    for (const of of wrong) {
      expect(await verifyJws(withSignature(of), pair.publicKey, alg)).toBe(false)
    }
  })

  it.each(['', '.', '..', 'no dots', '\0.\0.\0', '€.€.€', 'a.b.!!!'])(
    'is false and never throws for the text %j',
    async (token) => {
      for (const [alg, { publicKey }] of TABLE) {
        expect(await verifyJws(token, publicKey, alg)).toBe(false)
      }
    },
  )

  it('T097 never takes a public key for the secret of a MAC', async () => {
    const { publicKey, spki } = rsaKeys()
    const token = await signed('HS256', createSecretKey(Buffer.from(spki)))
    expect(await verifyJws(token, publicKey, 'HS256')).toBe(false)
  })

  it.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'never takes a secret for a key of %s',
    async (alg) => {
      const { privateKey } = secret(32)
      expect(await verifyJws(await signed('HS256', privateKey), privateKey, alg)).toBe(false)
    },
  )
})
