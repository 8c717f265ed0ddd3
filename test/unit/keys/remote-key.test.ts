import { verify, type webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type AlgorithmName, loadKey, type OneKeyConfig } from '../../../src/keys/index.ts'
import { canMakeCertificates } from '../../support/certificate.ts'
import { errorCode } from '../../support/error-code.ts'
import { selfSigned } from '../../support/key-certificate.ts'
import { ecKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { startTransit } from '../../support/transit-stand-in.ts'

async function start() {
  const transit = await startTransit()
  transit.addKey('orders', 'ecdsa-p256')
  async function load(
    signingMethod: AlgorithmName = 'ES256',
    rest: Partial<OneKeyConfig> = {},
    variables = {},
  ) {
    const { scope, faults } = recordingScope({ variables: { TOKEN: 's.first', ...variables } })
    const { address } = transit
    const vaultTransit = { address, key: 'orders', token: { env: 'TOKEN' } }
    const key = await loadKey(
      { signingMethod, privateKey: { vaultTransit }, ...rest } as OneKeyConfig,
      scope,
    )
    return { key, faults, places: faults.map(({ rule, path }) => [rule, ...path].join(' ')) }
  }
  return { transit, load }
}

describe('a key that signs elsewhere', () => {
  it('is proven, named and published as one in memory', async () => {
    const { load } = await start()
    const { key, faults } = await load()
    expect(faults).toEqual([])
    expect(key?.publicJwk).toMatchObject({ kty: 'EC', kid: key?.facts.thumbprint, alg: 'ES256' })
    const bytes = Buffer.from('a.b')
    const signature = await key!.signer.sign(bytes)
    const jwk = key?.facts.jwk as unknown as webcrypto.JsonWebKey
    const options = { key: jwk, format: 'jwk', dsaEncoding: 'ieee-p1363' } as const
    expect(verify('sha256', bytes, options, signature)).toBe(true)
    expect(key?.signer).toMatchObject({ alg: 'ES256', kid: key?.kid })
  })

  it.each<[string, AlgorithmName, Partial<OneKeyConfig>, string[]]>([
    ['another algorithm', 'ES384', {}, ['key/mismatch privateKey vaultTransit key']],
    ['a secret', 'HS256', {}, ['key/mismatch privateKey vaultTransit key']],
    ['a keyType', 'ES256', { keyType: 'EcPem' }, ['key/type keyType']],
    ['a kid of a JSON document', 'ES256', { kid: { field: 'a' } }, ['key/kid kid field']],
    ['x5t without a certificate', 'ES256', { kid: 'x5t' }, ['key/kid kid']],
  ])('is refused with %s', async (_, alg, rest, expected) => {
    const { load } = await start()
    const { key, places } = await load(alg, rest)
    expect([key, places]).toEqual([undefined, expected])
  })

  it.runIf(canMakeCertificates)('is refused with the certificate of another key', async () => {
    const { load } = await start()
    const variables = { CERT: await selfSigned(ecKeys().pkcs8) }
    const { key, places } = await load('ES256', { certificate: { env: 'CERT' } }, variables)
    expect([key, places]).toEqual([undefined, ['key/certificate certificate']])
  })

  it('is refused when it can be read but does not sign', async () => {
    const { transit, load } = await start()
    transit.trouble = () =>
      transit.requests.at(-1)?.method === 'POST' ? { status: 403 } : undefined
    const { key, places, faults } = await load()
    expect([key, places]).toEqual([undefined, ['key/unavailable privateKey vaultTransit token']])
    expect(faults[0]?.hint).toContain('token')
  })

  it('fails requests with key/unavailable when it is away later', async () => {
    const { transit, load } = await start()
    const { key } = await load()
    transit.trouble = { status: 403 }
    expect(await errorCode(() => key?.signer.sign(Buffer.from('a')))).toBe('key/unavailable')
  })
})
