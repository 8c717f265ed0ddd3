import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ALGORITHM_NAMES, generateKey, generateKeyTexts, loadKey } from '../../../src/keys/index.ts'
import { recordingScope } from '../../support/recording-scope.ts'

describe('generateKey', () => {
  it.each(ALGORITHM_NAMES)('makes a key that %s accepts without a word', async (signingMethod) => {
    const key = generateKey(signingMethod)
    const { scope, faults } = recordingScope({ variables: { DEMO_KEY: key.reveal() } })
    expect(await loadKey({ signingMethod, privateKey: { env: 'DEMO_KEY' } }, scope)).toBeDefined()
    expect(faults).toEqual([])
  })

  it('makes another key each time, which does not print itself', () => {
    const [one, two] = [generateKey('ES256'), generateKey('ES256')]
    expect(one.reveal()).not.toBe(two.reveal())
    expect(`${one}${JSON.stringify(one)}`).not.toContain('PRIVATE')
  })

  it('makes an RSA key as large as chosen', () => {
    const key = createPrivateKey(generateKey('PS256', { bits: 2304 }).reveal())
    expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2304, publicExponent: 65537n })
  })

  it.each([
    [{}, 64],
    [{ secretBytes: 32 }, 32],
  ])('makes a secret for %j of %i random bytes', (choice, bytes) => {
    expect(Buffer.from(generateKey('HS256', choice).reveal(), 'base64url')).toHaveLength(bytes)
  })
})

describe('generateKeyTexts', () => {
  it.each(ALGORITHM_NAMES)('makes a JWK of %s that loads under its kid', async (signingMethod) => {
    const form = { format: 'jwk', kid: 'k-1' } as const
    const { privateText, kid } = await generateKeyTexts(signingMethod, {}, form)
    const { scope, faults } = recordingScope({ variables: { KEY: privateText.reveal() } })
    const loaded = await loadKey({ signingMethod, privateKey: { env: 'KEY' }, kid }, scope)
    expect({ faults, kid: loaded?.kid }).toEqual({ faults: [], kid: 'k-1' })
  })

  const pairs = ALGORITHM_NAMES.filter((name) => !name.startsWith('HS'))
  const formats = ['pem', 'jwk'] as const
  const cases = pairs.flatMap((alg) => formats.map((format) => ({ alg, format })))

  it.each(cases)('gives the public half of the $alg key as $format', async ({ alg, format }) => {
    const { privateText, publicText = '' } = await generateKeyTexts(alg, {}, { format })
    const halves = { own: imported(privateText.reveal()), shared: imported(publicText) }
    expect(halves.own.type).toBe('private')
    expect(halves.shared.type).toBe('public')
    expect(halves.shared.equals(createPublicKey(halves.own))).toBe(true)
  })

  it.each(ALGORITHM_NAMES)('writes into a JWK what a key of %s is for', async (alg) => {
    const { privateText, publicText } = await generateKeyTexts(
      alg,
      {},
      { format: 'jwk', kid: 'k-1' },
    )
    for (const text of [privateText.reveal(), publicText ?? privateText.reveal()]) {
      expect(JSON.parse(text)).toMatchObject({ alg, kid: 'k-1', use: 'sig' })
    }
  })

  it('gives a secret neither a public half nor a thumbprint', async () => {
    for (const format of formats) {
      const { publicText, kid } = await generateKeyTexts('HS256', {}, { format })
      expect({ publicText, kid }).toEqual({})
    }
  })
})

/** The private key that a text holds, or else the public one. */
function imported(text: string): KeyObject {
  const input = text.startsWith('{')
    ? ({ key: JSON.parse(text), format: 'jwk' } as const)
    : ({ key: text, format: 'pem' } as const)
  try {
    return createPrivateKey(input)
  } catch {
    return createPublicKey(input)
  }
}
