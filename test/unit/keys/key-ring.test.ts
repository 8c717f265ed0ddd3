import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { type KeyConfig, loadKeyRing } from '../../../src/keys/index.ts'
import { canMakeCertificates } from '../../support/certificate.ts'
import { selfSigned } from '../../support/key-certificate.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'

const pair = (label: string) => ecKeys('P-256', label)
const VARIABLES = {
  OLD: pair('old').pkcs8,
  NOW: pair('now').pkcs8,
  SOON: pair('soon').pkcs8,
  OLD_PUBLIC: pair('old').spki,
  SOON_PUBLIC: JSON.stringify({ ...pair('soon').publicJwk, use: 'sig', alg: 'ES256' }),
  RSA: rsaKeys().pkcs8,
  RSA_PUBLIC: rsaKeys().spki,
  WEAK_PUBLIC: rsaKeys(1024).spki,
  SECRET: hmacSecret(),
  OTHER_SECRET: hmacSecret(),
}
type Name = keyof typeof VARIABLES
const from = (env: Name) => ({ env })

async function load(config: Partial<KeyConfig>, variables: Record<string, string> = VARIABLES) {
  const { scope, faults } = recordingScope({ variables })
  const ring = await loadKeyRing({ signingMethod: 'ES256', ...config }, scope)
  const published = ring?.published.map(({ kid }) => kid)
  return {
    ring,
    published,
    faults,
    places: faults.map(({ rule, path }) => [rule, ...path].join(' ')),
  }
}

describe('one key', () => {
  it('signs and is published', async () => {
    const { ring, published, faults } = await load({ privateKey: from('NOW'), kid: 'now' })
    expect([ring?.signing.kid, published, faults]).toEqual(['now', ['now'], []])
  })

  it('publishes nothing when it is a secret', async () => {
    const { ring } = await load({ signingMethod: 'HS256', privateKey: from('SECRET') })
    expect(ring?.published).toEqual([])
  })

  it('is missed when there is none', async () => {
    const { ring, places } = await load({})
    expect([ring, places]).toEqual([undefined, ['schema/required']])
  })
})

describe('several keys', () => {
  it('publish the one that signs, then the others in their order', async () => {
    const { ring, published, faults } = await load({
      keys: [
        { use: 'next', privateKey: from('SOON'), kid: 'soon' },
        { use: 'retired', publicKey: from('OLD_PUBLIC') },
        { use: 'sign', privateKey: from('NOW'), kid: 'now' },
      ],
    })
    const old = await calculateJwkThumbprint(pair('old').publicKey)
    expect(faults).toEqual([])
    expect(ring?.signing.kid).toBe('now')
    expect(published).toEqual(['now', 'soon', old])
  })

  it('publish the same of a key whichever half is written', async () => {
    const rings = await Promise.all(
      [{ privateKey: from('SOON') }, { publicKey: from('SOON_PUBLIC') }].map((half) =>
        load({
          keys: [
            { use: 'sign', privateKey: from('NOW') },
            { use: 'next', ...half },
          ],
        }),
      ),
    )
    expect(rings[0]?.faults).toEqual([])
    expect(rings[1]?.ring?.published).toEqual(rings[0]?.ring?.published)
  })

  it('may each have an algorithm of its own', async () => {
    const { ring, faults } = await load({
      keys: [
        { use: 'sign', privateKey: from('NOW') },
        { use: 'next', privateKey: from('RSA'), signingMethod: 'PS256', keyType: 'RsaPem' },
      ],
    })
    expect(faults).toEqual([])
    expect(ring?.published.map(({ alg }) => alg)).toEqual(['ES256', 'PS256'])
  })

  it('may be secrets, of which none is published', async () => {
    const { ring, faults } = await load({
      signingMethod: 'HS256',
      keys: [
        { use: 'sign', privateKey: from('SECRET'), kid: 'a' },
        { use: 'next', privateKey: from('OTHER_SECRET'), kid: 'b' },
      ],
    })
    expect([ring?.signing.kid, ring?.published, faults]).toEqual(['a', [], []])
  })

  it('may be weak with allowWeakKey, with a warning at its place', async () => {
    const { ring, faults } = await load({
      allowWeakKey: true,
      keys: [
        { use: 'sign', privateKey: from('NOW') },
        { use: 'retired', publicKey: from('WEAK_PUBLIC'), signingMethod: 'RS256' },
      ],
    })
    expect(ring?.published).toHaveLength(2)
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/weak', path: ['keys', 1, 'publicKey', 'env'] },
    ])
  })

  it('say nothing against a public half in the policy file, and warn about a private one', async () => {
    const load1 = (publicKey: string) =>
      load({
        keys: [
          { use: 'sign', privateKey: from('NOW') },
          { use: 'next', publicKey },
        ],
      })
    expect((await load1(pair('soon').spki)).places).toEqual([])
    expect((await load1(pair('soon').pkcs8)).places).toEqual(['key/inline keys 1 publicKey'])
  })

  const sign = { use: 'sign', privateKey: from('NOW') } as const
  it.each<[string, Partial<KeyConfig>, string[]]>([
    ['none that signs', { keys: [{ use: 'next', privateKey: from('SOON') }] }, ['key/ring keys']],
    [
      'two that sign',
      { keys: [sign, { ...sign, privateKey: from('SOON') }] },
      ['key/ring keys 1 use'],
    ],
    [
      'a privateKey beside them',
      { privateKey: from('OLD'), keys: [sign] },
      ['key/ring privateKey'],
    ],
    [
      'what belongs to one key beside them',
      { kid: 'a', keyType: 'EcPem', certificate: from('OLD_PUBLIC'), keys: [sign] },
      ['key/ring keyType', 'key/ring certificate', 'key/ring kid'],
    ],
    [
      'only a public half to sign with',
      { keys: [{ use: 'sign', publicKey: from('OLD_PUBLIC') }] },
      ['schema/required keys 0'],
    ],
    [
      'a next key without either half',
      { keys: [sign, { use: 'next' }] },
      ['schema/required keys 1'],
    ],
    [
      'both halves of one key',
      {
        keys: [sign, { use: 'retired', privateKey: from('OLD'), publicKey: from('OLD_PUBLIC') }],
      },
      ['key/ring keys 1 publicKey'],
    ],
    [
      'one kid twice',
      {
        keys: [
          { ...sign, kid: 'a' },
          { use: 'next', privateKey: from('SOON'), kid: 'a' },
        ],
      },
      ['key/kid keys 1 kid'],
    ],
    [
      'one key twice, under its thumbprint',
      { keys: [{ use: 'next', privateKey: from('NOW') }, sign] },
      ['key/kid keys 1'],
    ],
    [
      'a next key that does not fit the algorithm',
      { keys: [sign, { use: 'next', privateKey: from('RSA') }] },
      ['key/mismatch keys 1 privateKey env'],
    ],
    [
      'a retired public key that does not fit the algorithm',
      { keys: [sign, { use: 'retired', publicKey: from('RSA_PUBLIC') }] },
      ['key/mismatch keys 1 publicKey env'],
    ],
    [
      'a weak public key',
      { keys: [sign, { use: 'retired', publicKey: from('WEAK_PUBLIC'), signingMethod: 'RS256' }] },
      ['key/weak keys 1 publicKey env'],
    ],
    [
      'a secret as a public key',
      { keys: [sign, { use: 'retired', publicKey: from('SECRET') }] },
      ['key/parse keys 1 publicKey env'],
    ],
    [
      'a keyType that no key of the algorithm has',
      { keys: [sign, { use: 'retired', publicKey: from('OLD_PUBLIC'), keyType: 'RsaPem' }] },
      ['key/type keys 1 keyType'],
    ],
    [
      'a key that is not there',
      { keys: [sign, { use: 'next', publicKey: { env: 'ABSENT' } }] },
      ['key/missing keys 1 publicKey env'],
    ],
    [
      'faults of several entries, all at once',
      {
        keys: [
          { use: 'next', privateKey: from('RSA') },
          { use: 'retired', publicKey: from('RSA_PUBLIC') },
        ],
      },
      ['key/ring keys', 'key/mismatch keys 0 privateKey env', 'key/mismatch keys 1 publicKey env'],
    ],
  ])('are refused with %s', async (_, config, expected) => {
    const { ring, faults, places } = await load(config)
    expect(ring).toBeUndefined()
    expect(places).toEqual(expected)
    expect(faults.every(({ severity, hint }) => severity === 'error' && hint)).toBe(true)
  })

  it.runIf(canMakeCertificates)('may have certificates, also as the public half', async () => {
    const certificates = await Promise.all(
      ['now', 'soon'].map((label) => selfSigned(pair(label).pkcs8, label)),
    )
    const variables = {
      ...VARIABLES,
      CERT: certificates[0] ?? '',
      SOON_CERT: certificates[1] ?? '',
    }
    const { ring, faults } = await load(
      {
        certificateHeaders: ['x5t'],
        keys: [
          { ...sign, certificate: { env: 'CERT' }, kid: 'x5t' },
          { use: 'next', publicKey: { env: 'SOON_CERT' }, kid: 'x5t' },
        ],
      },
      variables,
    )
    expect(faults).toEqual([])
    expect(Object.keys(ring?.signing.headers ?? {})).toEqual(['x5t'])
    for (const { kid, x5t, x5c } of ring?.published ?? []) {
      expect([kid, x5c]).toEqual([x5t, [expect.any(String)]])
    }
  })
})
