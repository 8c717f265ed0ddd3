import { verify, X509Certificate } from 'node:crypto'
import { compactVerify, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CountersignError } from '../../src/errors.ts'
import { type SignatureAlgorithm, algorithm as specOf } from '../../src/keys/algorithms.ts'
import { type AlgorithmName, type LoadedKey, loadKey } from '../../src/keys/index.ts'
import type { RemoteKey } from '../../src/keys/key-material.ts'
import { readKeySource } from '../../src/keys/key-source.ts'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { fixedEnvironment } from '../support/clock.ts'
import { rsaKeys } from '../support/keys.ts'
import { runCountersign, startCountersign } from '../support/process.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingScope } from '../support/recording-scope.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { makeSoftHsm, type SoftHsm, whyNoSoftHsm } from '../support/softhsm.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { compact } from '../unit/keys/compact.ts'

describe.skipIf(whyNoSoftHsm !== undefined)('a key in a SoftHSM token', () => {
  let hsm: SoftHsm

  beforeAll(async () => {
    hsm = await makeSoftHsm()
    hsm.generate('RSA', 'rsa', '01')
    hsm.generate('P-256', 'p-256', '02')
    hsm.generate('P-384', 'p-384', '03')
    hsm.generate('P-521', 'p-521', '04')
    hsm.generate('Ed25519', 'ed25519', '05')
    hsm.generate('RSA', 'rsa-private-only', '06')
    hsm.removePublic('rsa-private-only')
    hsm.generate('P-256', 'ec-private-only', '07')
    hsm.removePublic('ec-private-only')
    hsm.generate('P-256', 'twice', '08')
    hsm.generate('P-256', 'twice', '09')
    hsm.generate('P-256', 'replaced', '0c')
    await hsm.importPair(rsaKeys(), 'imported', '0a')
    if (canMakeCertificates) {
      const { cert, key } = await makeCertificate()
      await hsm.importPair({ pkcs8: key }, 'certified', '0b', new X509Certificate(cert).raw)
    }
  })
  afterAll(() => hsm?.folder.remove())

  /** Loads with these members over those of the token. */
  async function load(alg: AlgorithmName, members: Readonly<Record<string, unknown>>) {
    const { scope, faults } = recordingScope({
      variables: { PIN: hsm.pin, WRONG_PIN: '0000', OTHER_PIN: '0001' },
    })
    const { library, token } = hsm
    const pkcs11 = { library, token, pin: { env: 'PIN' }, ...members } as never
    const key = await loadKey({ signingMethod: alg, privateKey: { pkcs11 } }, scope)
    return { key, faults }
  }

  async function claimsOf({ publicJwk }: LoadedKey, token: string): Promise<unknown> {
    const { payload } = await compactVerify(token, await importJWK({ ...publicJwk }))
    return JSON.parse(new TextDecoder().decode(payload))
  }

  // before the first login: one PIN serves until the process ends
  it('is refused with a wrong PIN, which is tried once and no more', async () => {
    const tried: boolean[] = []
    for (const pin of ['WRONG_PIN', 'OTHER_PIN', 'WRONG_PIN', 'OTHER_PIN']) {
      const { key, faults } = await load('ES256', { label: 'p-256', pin: { env: pin } })
      expect(key).toBeUndefined()
      expect(faults).toMatchObject([
        { rule: 'key/unavailable', path: ['privateKey', 'pkcs11', 'pin'] },
      ])
      expect(JSON.stringify(faults)).not.toContain('000')
      tried.push(faults[0]!.message.includes('CKR_PIN_INCORRECT'))
    }
    expect(tried).toEqual([true, true, false, false])
  })

  it.each<[AlgorithmName, label: string]>([
    ['RS256', 'rsa'],
    ['RS384', 'rsa'],
    ['RS512', 'rsa'],
    ['PS256', 'rsa'],
    ['PS384', 'rsa'],
    ['PS512', 'rsa'],
    ['ES256', 'p-256'],
    ['ES384', 'p-384'],
    ['ES512', 'p-521'],
    ['EdDSA', 'ed25519'],
  ])('makes %s tokens that jose and node:crypto verify', async (alg, label) => {
    const { key, faults } = await load(alg, { label })
    expect(faults).toEqual([])
    const token = await compact(key!.signer, { sub: 'ann' })
    expect(await claimsOf(key!, token)).toEqual({ sub: 'ann' })

    const [header, claims, signature] = token.split('.')
    const spec = specOf(alg) as SignatureAlgorithm
    const options = { key: key!.publicJwk as never, format: 'jwk' as const, ...spec.options }
    const isGood = (input: string) =>
      verify(spec.hash, Buffer.from(input), options, Buffer.from(signature!, 'base64url'))
    expect(isGood(`${header}.${claims}`)).toBe(true)
    expect(isGood(`${header}.${claims}x`)).toBe(false)
  })

  it.each<[string, AlgorithmName, label: string]>([
    ['its own public key', 'RS256', 'imported'],
    ['its private half, which tells modulus and exponent', 'RS256', 'rsa-private-only'],
    ['a certificate beside it', 'ES256', 'certified'],
  ])('has the public half of %s', async (_, alg, label) => {
    if (label === 'certified' && !canMakeCertificates) return
    const { key } = await load(alg, { label })
    expect(await claimsOf(key!, await compact(key!.signer, { sub: 'ann' }))).toEqual({ sub: 'ann' })
  })

  it('is told from another key with the same label by its id', async () => {
    const [one, other] = [
      await load('ES256', { label: 'twice', id: '08' }),
      await load('ES256', { label: 'twice', id: '09' }),
    ]
    expect(one.key!.publicJwk).not.toMatchObject({ x: other.key!.publicJwk!.x })
    const token = await compact(other.key!.signer, { sub: 'ann' })
    expect(await claimsOf(other.key!, token)).toEqual({ sub: 'ann' })
  })

  it('makes a hundred signatures at a time', async () => {
    const { key } = await load('ES256', { label: 'p-256' })
    const subjects = Array.from({ length: 100 }, (_, index) => ({ sub: `user-${index}` }))
    const tokens = await Promise.all(subjects.map((claims) => compact(key!.signer, claims)))
    expect(await Promise.all(tokens.map((token) => claimsOf(key!, token)))).toEqual(subjects)
  })

  it('signs no more when another key got its label and id, until the files are read again', async () => {
    const { key } = await load('ES256', { label: 'replaced' })
    hsm.replace('P-256', 'replaced', '0c')
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(key!.signer.sign(Buffer.from('x'))).rejects.toMatchObject({
        code: 'key/unavailable',
        cause: { code: 'bad-signature', member: ['pkcs11', 'label'] },
      })
    }
    const { key: anew } = await load('ES256', { label: 'replaced' })
    const token = await compact(anew!.signer, { sub: 'ann' })
    expect(await claimsOf(anew!, token)).toEqual({ sub: 'ann' })
  })

  it.each<[string, Readonly<Record<string, unknown>>, member: string]>([
    ['another PIN than that of the login', { pin: { env: 'WRONG_PIN' } }, 'pin'],
    ['an absent variable for the PIN', { pin: { env: 'ABSENT' } }, 'pin,env'],
    ['a library that is not there', { library: '/usr/lib/absent.so' }, 'library'],
    ['a file that is no library', { library: '/etc/hosts' }, 'library'],
    ['a library for something else', { library: process.execPath }, 'library'],
    ['a token that is not there', { token: 'absent' }, 'token'],
    ['a label that is not there', { label: 'absent' }, 'label'],
    ['an id that is not there', { id: 'ff' }, 'id'],
    ['a label of two keys', { label: 'twice' }, 'label'],
    ['a key without a public half', { label: 'ec-private-only' }, 'label'],
  ])('is refused when it is read: %s', async (_, members, place) => {
    const { key, faults } = await load('ES256', { label: 'p-256', ...members })
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([
      { severity: 'error', rule: 'key/unavailable', hint: expect.stringMatching(/./) },
    ])
    expect(faults[0]!.path.join()).toBe(`privateKey,pkcs11,${place}`)
    expect(JSON.stringify(faults)).not.toContain('0000')
  })

  it('that does not fit the algorithm is refused as one in a file is', async () => {
    const { faults } = await load('RS256', { label: 'p-256' })
    expect(faults).toMatchObject([
      { rule: 'key/mismatch', path: expect.arrayContaining(['label']) },
    ])
  })

  it('signs again after it was asked for what it cannot do', async () => {
    const { scope } = recordingScope({ variables: { PIN: hsm.pin } })
    const { library, token } = hsm
    const pkcs11 = { library, token, label: 'p-256', pin: { env: 'PIN' } }
    const key = (await readKeySource({ pkcs11 }, scope)) as RemoteKey
    for (const alg of ['RS256', 'PS256', 'EdDSA'] as const) {
      await expect(key.sign(alg, Buffer.from('x'))).rejects.toMatchObject({
        code: 'key/unavailable',
        cause: { code: expect.stringMatching(/^CKR_|^bad-signature$/) },
      })
      expect(await key.sign('ES256', Buffer.from('x'))).toHaveLength(64)
    }
  })

  it('that is taken away under load ends requests with 503, and signs again when it is back', async () => {
    const upstream = await recordingUpstream()
    const clock = fixedEnvironment()
    const proxy = await startProxy({
      policies: policyFor(hsm, 'timeout: 500ms'),
      upstream: upstream.url,
      variables: { PIN: hsm.pin },
      environment: clock,
    })
    const statuses = async (count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const response = await fetch(`${proxy.url}/orders`)
          return [
            response.status,
            ((await response.json().catch(() => ({}))) as { code?: string }).code,
          ]
        }),
      )

    expect(new Set((await statuses(20)).map(String))).toEqual(new Set(['200,']))
    await hsm.takeAway()
    const forwarded = upstream.requests().length
    expect(new Set((await statuses(20)).map(String))).toEqual(new Set(['503,key/unavailable']))
    expect(upstream.requests().length).toBe(forwarded)
    expect(proxy.log()).toContain('RemoteFault')
    await hsm.bringBack()
    clock.advance(5000)
    expect(new Set((await statuses(20)).map(String))).toEqual(new Set(['200,']))
  })

  it('that is away is refused when it is read, and not when it is back', async () => {
    const { key } = await load('ES256', { label: 'p-256' })
    await hsm.takeAway()
    try {
      await expect(key!.signer.sign(Buffer.from('x'))).rejects.toThrow(CountersignError)
      const { faults } = await load('ES256', { label: 'p-256' })
      expect(faults).toMatchObject([{ rule: 'key/unavailable' }])
    } finally {
      await hsm.bringBack()
    }
    expect((await load('ES256', { label: 'p-256' })).faults).toEqual([])
  })

  it('keeps no process alive: validate ends, and serve ends when it is told to', async () => {
    const folder = await tempFolder({ 'orders.yaml': policyFor(hsm) })
    const env = { SOFTHSM2_CONF: process.env.SOFTHSM2_CONF!, PIN: hsm.pin }
    const validated = await runCountersign(['validate', folder.path], { env })
    expect(validated).toMatchObject({ code: 0, signal: null })

    const upstream = await recordingUpstream()
    const serving = startCountersign(
      [
        'serve',
        '--policies',
        folder.path,
        '--upstream',
        upstream.url,
        '--listen',
        '127.0.0.1:0',
        '--management',
        'off',
      ],
      { env },
    )
    const [, url] = await serving.waitFor(/(http:\/\/127\.0\.0\.1:\d+)/)
    expect((await fetch(`${url}/orders`)).status).toBe(200)
    serving.signal('SIGTERM')
    expect(await serving.exited).toMatchObject({ code: 0, signal: null })
  })
})

function policyFor({ library, token }: SoftHsm, more = ''): string {
  return `
name: orders
jwt:
  signingMethod: ES256
  privateKey:
    pkcs11:
      library: ${library}
      token: ${token}
      label: p-256
      pin: { env: PIN }
      ${more}
  exp: 60
  singleUse: true
`
}
