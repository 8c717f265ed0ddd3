import { createHash, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../../src/environment.ts'
import { loadKey, type OneKeyConfig } from '../../../src/keys/index.ts'
import { canMakeCertificates } from '../../support/certificate.ts'
import { errorCode } from '../../support/error-code.ts'
import { issued, selfSigned, type TestChain } from '../../support/key-certificate.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const DAY = 86_400_000
const ec = ecKeys()
const HEADERS = ['x5c', 'x5t', 'x5t#S256'] as const

if (!canMakeCertificates) console.warn('skipped: certificates of keys, there is no openssl command')

describe.runIf(canMakeCertificates)('a certificate of a key', () => {
  let own: string
  let other: string
  let chain: TestChain
  beforeAll(async () => {
    own = await selfSigned(ec.pkcs8)
    other = await selfSigned(ecKeys('P-256', 'other').pkcs8)
    chain = await issued(ec.pkcs8)
  })

  const der = (pem: string) => new X509Certificate(pem).raw
  /** The environment and place of a reading; `days` is how far the clock is ahead. */
  interface Reading {
    readonly days?: number
    readonly serving?: boolean
    readonly key?: string
  }
  async function load(
    certificate: string | undefined,
    rest: Partial<OneKeyConfig> = {},
    { days = 0, serving = false, key = ec.pkcs8 }: Reading = {},
  ) {
    let ahead = days
    const system = systemEnvironment()
    const variables: Record<string, string | undefined> = { KEY: key, CERTIFICATE: certificate }
    const environment = {
      ...system,
      now: () => system.now() + ahead * DAY,
      variable: (name: string) => variables[name],
    }
    const { scope, faults } = recordingScope({ environment, serving })
    const config: OneKeyConfig = {
      signingMethod: 'ES256',
      privateKey: { env: 'KEY' },
      ...(certificate !== undefined && { certificate: { env: 'CERTIFICATE' } }),
      ...rest,
    }
    const loaded = await loadKey(config, scope)
    return {
      loaded,
      faults,
      moveClock(to: number) {
        ahead = to
      },
      signingCode: () => errorCode(async () => loaded?.signer.sign(Buffer.from('a'))),
    }
  }

  it('gives x5c, x5t and x5t#S256 for the JOSE header, the JWK and expressions', async () => {
    const { loaded, faults } = await load(own)
    const digest = (hash: string) => createHash(hash).update(der(own)).digest('base64url')
    const members = {
      x5c: [der(own).toString('base64')],
      x5t: digest('sha1'),
      'x5t#S256': digest('sha256'),
    }
    expect(faults).toEqual([])
    expect(loaded?.headers).toEqual(members)
    expect(loaded?.publicJwk).toMatchObject({ ...members, kid: loaded?.kid, use: 'sig' })
    expect(loaded?.facts).toMatchObject(members)
  })

  it.each([
    ['a chain, leaf first', () => chain.chain, () => [chain.leaf, ...chain.issuers]],
    [
      'a chain without its root',
      () => chain.leaf + chain.issuers[0],
      () => [chain.leaf, chain.issuers[0]],
    ],
    ['PEM on one line', () => own.replaceAll('\n', '\\n'), () => [own]],
    ['base64 of DER', () => der(own).toString('base64'), () => [own]],
    ['PEM with the key beside it', () => ec.pkcs8 + own, () => [own]],
  ])('may be %s', async (_, write, expected) => {
    const { loaded, faults } = await load(write())
    expect(faults).toEqual([])
    const certificates = expected().map((pem) => der(pem).toString('base64'))
    expect(loaded?.headers.x5c).toEqual(certificates)
  })

  it('may stand in the PEM text of the key', async () => {
    const { loaded, faults } = await load(undefined, {}, { key: chain.chain + ec.pkcs8 })
    expect(faults).toEqual([])
    expect(loaded?.headers.x5c).toHaveLength(3)
  })

  it('wins over the one beside the key when it is written', async () => {
    const { loaded } = await load(own, {}, { key: ec.pkcs8 + chain.chain })
    expect(loaded?.headers.x5c).toEqual([der(own).toString('base64')])
  })

  it('may be a file, or stand in the policy file without a warning: it is public', async () => {
    const folder = await tempFolder({ 'a.crt': own, 'a.der': der(own) })
    for (const certificate of [{ file: 'a.crt' }, { file: 'a.der' }, own]) {
      const { scope, faults } = recordingScope({
        folder: folder.path,
        variables: { KEY: ec.pkcs8 },
      })
      const privateKey = { env: 'KEY' }
      const loaded = await loadKey({ signingMethod: 'ES256', privateKey, certificate }, scope)
      expect(faults).toEqual([])
      expect(loaded?.headers.x5c).toEqual([der(own).toString('base64')])
    }
  })

  it.each([
    [['x5t#S256'], ['x5t#S256']],
    [[], []],
    [undefined, [...HEADERS]],
  ] as const)('with certificateHeaders %j gives the header %j', async (written, expected) => {
    const { loaded } = await load(own, { certificateHeaders: written })
    expect(Object.keys(loaded?.headers ?? {})).toEqual(expected)
    expect(loaded?.publicJwk).toHaveProperty('x5c')
  })

  it('names the key with kid: x5t', async () => {
    const { loaded } = await load(own, { kid: 'x5t' })
    expect(loaded?.kid).toBe(loaded?.headers.x5t)
    expect(loaded?.signer.kid).toBe(loaded?.headers.x5t)
  })

  it.each([
    ['of another key', () => other],
    ['in a chain that does not begin with it', () => chain.issuers[0] + chain.leaf],
    [
      'in a chain with its issuers the wrong way round',
      () => chain.leaf + chain.issuers[1] + chain.issuers[0],
    ],
    ['in a chain with a stranger', () => chain.leaf + other],
    ['that is cut off', () => own.slice(0, -30)],
    ['whose DER is cut off', () => der(own).subarray(0, 200).toString('base64')],
    ['that is a public key', () => ec.spki],
    ['that is a private key', () => ec.pkcs8],
    ['that is any text', () => 'CN=orders'],
  ])('is refused when it is one %s', async (_, write) => {
    const { loaded, faults } = await load(write())
    expect(loaded).toBeUndefined()
    expect(faults).toMatchObject([
      { severity: 'error', rule: 'key/certificate', hint: expect.any(String) },
    ])
    expect(faults[0]?.path[0]).toBe('certificate')
    expect(JSON.stringify(faults)).not.toContain(ec.pkcs8.slice(40, 60))
  })

  it('is refused when it stands beside the key in its PEM text, and is of another', async () => {
    const { loaded, faults } = await load(undefined, {}, { key: ec.pkcs8 + other })
    expect(loaded).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule: 'key/certificate' }])
    expect(faults[0]?.path[0]).toBe('privateKey')
  })

  it('is refused for a secret', async () => {
    const { loaded, faults } = await load(own, { signingMethod: 'HS256' }, { key: hmacSecret() })
    expect(loaded).toBeUndefined()
    expect(faults).toMatchObject([{ rule: 'key/certificate', path: ['certificate'] }])
  })

  it('is missed where certificateHeaders name what only it has', async () => {
    const { loaded, faults } = await load(undefined, { certificateHeaders: ['x5t'] })
    expect(loaded).toBeUndefined()
    expect(faults).toMatchObject([{ rule: 'key/certificate', path: ['certificateHeaders'] }])
  })

  describe.each([
    ['expired', 2, /expired 20\d\d-/],
    ['not valid yet', -2, /not valid before 20\d\d-/],
  ])('that has %s', (_, days, message) => {
    it('refuses a start', async () => {
      const { loaded, faults } = await load(own, {}, { days })
      expect(loaded).toBeUndefined()
      expect(faults).toMatchObject([
        { severity: 'error', rule: 'key/certificate', path: ['certificate'] },
      ])
      expect(faults[0]?.message).toMatch(message)
    })

    it('does not refuse a reload, but no token is signed until it is valid', async () => {
      const { faults, signingCode, moveClock } = await load(own, {}, { days, serving: true })
      expect(faults).toMatchObject([{ severity: 'warning', rule: 'key/certificate' }])
      expect(await signingCode()).toBe('key/unavailable')
      moveClock(0)
      expect(await signingCode()).toBe('none')
    })
  })

  it('ends signing when it expires while it serves', async () => {
    const { loaded, signingCode, moveClock } = await load(own)
    expect(await signingCode()).toBe('none')
    const { validToDate } = new X509Certificate(own)
    const left = (validToDate.getTime() - Date.now()) / DAY
    moveClock(left - 0.01)
    expect(await signingCode()).toBe('none')
    moveClock(left + 0.01)
    expect(await signingCode()).toBe('key/unavailable')
    expect(loaded?.signer).toMatchObject({ alg: 'ES256', kid: loaded?.kid })
  })
})

describe('what may be told of a key', () => {
  it('is its thumbprint, its fingerprint and its bare public half', async () => {
    const { scope } = recordingScope({ variables: { KEY: rsaKeys().pkcs8 } })
    const config = { signingMethod: 'RS256', privateKey: { env: 'KEY' }, kid: 'r1' } as const
    const loaded = await loadKey(config, scope)
    const spki = rsaKeys().publicKey.export({ type: 'spki', format: 'der' })
    expect(loaded?.facts).toEqual({
      alg: 'RS256',
      kid: 'r1',
      thumbprint: await calculateJwkThumbprint(rsaKeys().publicKey),
      fingerprint: createHash('sha256').update(spki).digest('base64'),
      jwk: await exportJWK(rsaKeys().publicKey),
    })
    expect(loaded?.headers).toEqual({})
  })

  it('is nothing but name and algorithm for a secret', async () => {
    const { scope } = recordingScope({ variables: { KEY: hmacSecret() } })
    const config = { signingMethod: 'HS256', privateKey: { env: 'KEY' }, kid: 'h1' } as const
    expect((await loadKey(config, scope))?.facts).toEqual({ alg: 'HS256', kid: 'h1' })
  })
})
