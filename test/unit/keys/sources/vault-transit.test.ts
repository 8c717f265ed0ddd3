import { type KeyObject, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Environment, systemEnvironment } from '../../../../src/environment.ts'
import { CountersignError } from '../../../../src/errors.ts'
import { algorithm as specOf } from '../../../../src/keys/algorithms.ts'
import type { AlgorithmName } from '../../../../src/keys/index.ts'
import type { RemoteKey } from '../../../../src/keys/key-material.ts'
import { privateKeySchema, readKeySource } from '../../../../src/keys/key-source.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import {
  startTransit,
  type TransitKeyType,
  type Trouble,
} from '../../../support/transit-stand-in.ts'

const SAMPLE = Buffer.from('header.claims')

/** Reads `vaultTransit` with these members, over the defaults of the tests. */
async function read(
  members: Readonly<Record<string, unknown>>,
  folder?: string,
  environment?: Environment,
) {
  const { scope, faults } = recordingScope({
    variables: { VAULT_TOKEN: 's.first', WRONG_TOKEN: 's.wrong' },
    ...(folder !== undefined && { folder }),
    ...(environment && { environment }),
  })
  const config = { key: 'orders', token: { env: 'VAULT_TOKEN' }, timeout: '10s', ...members }
  const source = privateKeySchema.parse({ vaultTransit: config })
  const key = (await readKeySource(source, scope)) as RemoteKey | undefined
  return { key, faults }
}

async function withKey(type: TransitKeyType = 'ecdsa-p256', members = {}) {
  const transit = await startTransit()
  transit.addKey('orders', type)
  const { key, faults } = await read({ address: transit.address, ...members })
  expect(faults).toEqual([])
  return { transit, key: key! }
}

function isSigned(alg: AlgorithmName, key: KeyObject, signature: Uint8Array): boolean {
  const spec = specOf(alg)
  return spec.family !== 'HMAC' && verify(spec.hash, SAMPLE, { key, ...spec.options }, signature)
}

/** The code of the cause of the `key/unavailable` that a signature ends with. */
async function causeOf(key: RemoteKey, alg: AlgorithmName = 'ES256'): Promise<unknown> {
  const error = await key.sign(alg, SAMPLE).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CountersignError)
  expect(error).toMatchObject({ code: 'key/unavailable', status: 503 })
  expect(String(error)).not.toContain('told by the server')
  return ((error as CountersignError).cause as { code: unknown }).code
}

describe('a key in Vault Transit', () => {
  it.each<[AlgorithmName, TransitKeyType]>([
    ['RS256', 'rsa-2048'],
    ['RS384', 'rsa-2048'],
    ['RS512', 'rsa-2048'],
    ['PS256', 'rsa-2048'],
    ['PS384', 'rsa-2048'],
    ['PS512', 'rsa-2048'],
    ['ES256', 'ecdsa-p256'],
    ['ES384', 'ecdsa-p384'],
    ['ES512', 'ecdsa-p521'],
    ['EdDSA', 'ed25519'],
  ])('makes %s signatures that its public half verifies', async (alg, type) => {
    const { key } = await withKey(type)
    expect(isSigned(alg, key.publicKey, await key.sign(alg, SAMPLE))).toBe(true)
  })

  it('stays at the version that was the latest when it was read', async () => {
    const { transit, key } = await withKey()
    transit.rotate('orders')
    expect(isSigned('ES256', key.publicKey, await key.sign('ES256', SAMPLE))).toBe(true)
    expect(transit.requests.at(-1)?.body).toMatchObject({ key_version: 1 })
  })

  it('may be pinned to an older version', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    transit.rotate('orders')
    const { key: latest } = await read({ address: transit.address })
    const { key: first } = await read({ address: transit.address, version: 1 })
    expect(first!.publicKey.equals(latest!.publicKey)).toBe(false)
    expect(isSigned('ES256', first!.publicKey, await first!.sign('ES256', SAMPLE))).toBe(true)
  })

  it('is found under the mount and in the namespace that are written', async () => {
    const transit = await startTransit({ mount: 'teams/pay', namespace: 'eu/pay' })
    transit.addKey('orders', 'ecdsa-p256')
    const { key } = await read({
      address: transit.address,
      mount: 'teams/pay',
      namespace: 'eu/pay',
    })
    expect(isSigned('ES256', key!.publicKey, await key!.sign('ES256', SAMPLE))).toBe(true)
  })

  it('sends its token to the two endpoints and nowhere else, even when it is redirected', async () => {
    const { transit, key } = await withKey()
    const elsewhere = await startTransit()
    transit.trouble = { status: 307, headers: { location: `${elsewhere.address}/v1/x` } }
    expect(await causeOf(key)).toBe('http-307')
    expect(elsewhere.requests).toEqual([])
    expect(transit.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/transit/keys/orders',
      'POST /v1/transit/sign/orders',
    ])
  })
})

describe('the connections to Vault', () => {
  it('are used again over readings of the files', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    for (let loads = 0; loads < 50; loads += 1) {
      const { key } = await read({ address: transit.address })
      await key!.sign('ES256', SAMPLE)
    }
    expect(await transit.connections()).toBeLessThan(5)
  })

  it.runIf(canMakeCertificates)('are not those of a key that trusts others', async () => {
    const tls = await makeCertificate('IP:127.0.0.1')
    const transit = await startTransit({ tls })
    transit.addKey('orders', 'ecdsa-p256')
    const folder = await tempFolder({ 'ca.pem': tls.cert })
    const { address } = transit
    expect((await read({ address, ca: 'ca.pem' }, folder.path)).key).toBeDefined()
    const { key, faults } = await read({ address })
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([{ path: ['vaultTransit', 'address'] }])
  })
})

describe('a token in a file', () => {
  it('is read again when it is refused, so that an agent may replace it', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    const folder = await tempFolder({ token: 's.first\n' })
    const { key } = await read({ address: transit.address, token: { file: 'token' } }, folder.path)

    transit.tokens.clear()
    transit.tokens.add('s.second')
    expect(await causeOf(key!)).toBe('http-403')
    await folder.write('token', 's.second\n')
    expect(isSigned('ES256', key!.publicKey, await key!.sign('ES256', SAMPLE))).toBe(true)
  })

  it('is read once for all signatures that were refused with the old one', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    const folder = await tempFolder({ token: 's.first\n' })
    const system = systemEnvironment()
    let readings = 0
    const environment: Environment = {
      ...system,
      readFile(...file) {
        readings += 1
        return system.readFile(...file)
      },
    }
    const config = { address: transit.address, token: { file: 'token' } }
    const { key } = await read(config, folder.path, environment)

    await folder.write('token', 's.second\n')
    transit.tokens.clear()
    transit.tokens.add('s.second')
    const before = transit.requests.length
    const signatures = await Promise.all(
      Array.from({ length: 64 }, () => key!.sign('ES256', SAMPLE)),
    )
    expect(signatures.filter((each) => isSigned('ES256', key!.publicKey, each))).toHaveLength(64)
    const tokens = transit.requests.slice(before).map(({ headers }) => headers['x-vault-token'])
    expect(tokens.filter((token) => token === 's.second')).toHaveLength(64)
    expect(readings).toBe(2)
  })

  it('that is not replaced is not tried twice', async () => {
    const { transit, key } = await withKey()
    transit.tokens.clear()
    const before = transit.requests.length
    expect(await causeOf(key)).toBe('http-403')
    expect(transit.requests.length - before).toBe(1)
  })
})

describe('a signature that Vault does not make', () => {
  it.each<[string, Trouble, code: string, attempts: number]>([
    ['is tried once more after 500', { status: 500 }, 'http-500', 2],
    ['is tried once more after 503, sealed', { status: 503 }, 'http-503', 2],
    ['is tried once more after 429', { status: 429 }, 'http-429', 2],
    ['is tried once more after a reset', 'reset', 'ECONNRESET', 2],
    ['is tried once more when no answer comes', 'hang', 'timeout', 2],
    ['is not tried again after 400', { status: 400 }, 'http-400', 1],
    ['is not tried again after 404', { status: 404 }, 'http-404', 1],
    ['is not tried again after an answer without one', { body: '{}' }, 'unexpected-answer', 1],
    ['is not tried again after what is not JSON', { body: '<html>' }, 'unexpected-answer', 1],
    [
      'is refused from another version of the key',
      { body: '{"data":{"signature":"vault:v2:AAAA"}}' },
      'unexpected-answer',
      1,
    ],
    [
      'is refused in another form than JWS',
      { body: '{"data":{"signature":"vault:v1:AAAA"}}' },
      'bad-signature',
      1,
    ],
    [
      'is refused from a version that is not written as a number is',
      { body: '{"data":{"signature":"vault:v01:AAAA"}}' },
      'unexpected-answer',
      1,
    ],
    [
      'is refused in an answer of over 64 KiB',
      { body: `{"data":{"signature":"${'A'.repeat(70_000)}"}}` },
      'UND_ERR_RES_EXCEEDED_MAX_SIZE',
      2,
    ],
  ])('%s', async (_, trouble, code, attempts) => {
    const { transit, key } = await withKey('ecdsa-p256', trouble === 'hang' && { timeout: '150ms' })
    const before = transit.requests.length
    transit.trouble = trouble
    expect(await causeOf(key)).toBe(code)
    expect(transit.requests.length - before).toBe(attempts)
  })

  it.each<[AlgorithmName, TransitKeyType, bytes: number]>([
    ['RS256', 'rsa-2048', 256],
    ['PS256', 'rsa-2048', 256],
    ['ES256', 'ecdsa-p256', 64],
    ['ES384', 'ecdsa-p384', 96],
    ['ES512', 'ecdsa-p521', 132],
    ['EdDSA', 'ed25519', 64],
  ])('is refused when it is none: %s', async (alg, type, bytes) => {
    const { transit, key } = await withKey(type)
    const signature = `vault:v1:${Buffer.alloc(bytes).toString('base64url')}`
    transit.trouble = { body: JSON.stringify({ data: { signature } }) }
    expect(await causeOf(key, alg)).toBe('bad-signature')
  })

  it.each<[AlgorithmName, TransitKeyType]>([
    ['RS256', 'rsa-2048'],
    ['PS256', 'rsa-2048'],
    ['ES256', 'ecdsa-p256'],
    ['ES384', 'ecdsa-p384'],
    ['ES512', 'ecdsa-p521'],
    ['EdDSA', 'ed25519'],
  ])('is refused of a key that was made anew under the same name: %s', async (alg, type) => {
    const { transit, key } = await withKey(type)
    transit.addKey('orders', type)
    expect(await causeOf(key, alg)).toBe('bad-signature')
    const { key: anew } = await read({ address: transit.address })
    expect(isSigned(alg, anew!.publicKey, await anew!.sign(alg, SAMPLE))).toBe(true)
  })

  it('once is made at the second attempt', async () => {
    const { transit, key } = await withKey()
    const troubles: Trouble[] = [{ status: 500 }]
    transit.trouble = () => troubles.pop()
    expect(isSigned('ES256', key.publicKey, await key.sign('ES256', SAMPLE))).toBe(true)
  })

  it('five times in a row is not asked for any more, and another key is', async () => {
    const { transit, key } = await withKey()
    transit.addKey('billing', 'ecdsa-p256')
    const { key: other } = await read({ address: transit.address, key: 'billing' })
    transit.trouble = { status: 500 }
    for (let attempts = 0; attempts < 6; attempts += 2) {
      expect(await causeOf(key)).toBe('http-500')
    }
    const before = transit.requests.length
    expect(await causeOf(key)).toBe('breaker-open')
    expect(transit.requests.length).toBe(before)

    transit.trouble = undefined
    expect(isSigned('ES256', other!.publicKey, await other!.sign('ES256', SAMPLE))).toBe(true)
  })
})

describe('what is wrong with a key in Vault Transit', () => {
  it.each<[string, Readonly<Record<string, unknown>>, member: string]>([
    ['an address without a scheme', { address: 'vault.internal:8200' }, 'address'],
    ['http to another machine', { address: 'http://vault.internal:8200' }, 'address'],
    ['a password in the address', { address: 'https://ann:x@vault.internal' }, 'address'],
    ['a path in the address', { address: 'https://vault.internal/v1' }, 'address'],
    ['a server that is not there', { address: 'http://127.0.0.1:1' }, 'address'],
    ['a key that is not there', { key: 'absent' }, 'key'],
    ['a key that encrypts', { key: 'cipher' }, 'key'],
    ['a derived key', { key: 'derived' }, 'key'],
    ['a version that is not there', { version: 7 }, 'version'],
    ['a token that is refused', { token: { env: 'WRONG_TOKEN' } }, 'token'],
    ['an absent variable', { token: { env: 'ABSENT' } }, 'token,env'],
    ['an absent file', { token: { file: 'absent' } }, 'token,file'],
    ['a token of two lines', { token: { file: 'lines' } }, 'token,file'],
    ['an empty file', { token: { file: 'empty' } }, 'token,file'],
    ['a file of authorities without any', { ca: 'lines' }, 'ca'],
    ['a directory of authorities', { ca: '.' }, 'ca'],
  ])('is found when it is read: %s', async (_, members, place) => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    transit.addKey('cipher', 'aes256-gcm96')
    transit.addKey('derived', 'ed25519', { derived: true })
    const folder = await tempFolder({ lines: 's.first\ns.second\n', empty: '\n' })
    const { key, faults } = await read({ address: transit.address, ...members }, folder.path)
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([
      { severity: 'error', rule: 'key/unavailable', hint: expect.stringMatching(/./) },
    ])
    expect(faults[0]!.path.join()).toBe(`vaultTransit,${place}`)
    expect(JSON.stringify(faults)).not.toMatch(/s\.first|told by the server|ann:x/)
  })

  it('is not the mount of another engine', async () => {
    const transit = await startTransit()
    transit.trouble = { body: '{"data":{"keys":["a"]}}' }
    const { faults } = await read({ address: transit.address })
    expect(faults).toMatchObject([{ rule: 'key/unavailable', path: ['vaultTransit', 'address'] }])
  })

  it.each([
    ['a path that leaves the mount', { mount: '../sys' }],
    ['a key with a slash', { key: 'orders/config' }],
    ['a query in the key', { key: 'orders?x' }],
    ['the token itself', { token: 's.first' }],
    ['a certificate where its path belongs', { ca: '-----BEGIN CERTIFICATE-----' }],
    ['version 0', { version: 0 }],
    ['a timeout without a unit', { timeout: 2000 }],
  ])('is found by its form: %s', (_, members) => {
    const config = {
      address: 'https://vault.internal',
      key: 'orders',
      token: { env: 'T' },
      ...members,
    }
    expect(privateKeySchema.safeParse({ vaultTransit: config }).success).toBe(false)
  })
})
