import { createHmac, timingSafeEqual } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { jwtSchema } from '../../../../src/authenticate/jwt/jwt-schema.ts'
import { type Changes, examiner, load } from './authenticator-under-test.ts'
import { CONFIGS, claims, hs256, ISSUER, jws, rs256 } from './inbound-token.ts'

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) }
})

const token = jws({ alg: 'HS256' }, claims())

async function faultsOf(config: Changes): Promise<readonly string[]> {
  const { faults } = await load(config)
  return faults.map(({ severity, rule, path }) => `${severity} ${rule} ${path.join('.')}`)
}

describe('loading a jwt authenticator', () => {
  it('says nothing when issuer and audience are written', async () => {
    expect(await faultsOf(CONFIGS.hs)).toEqual([])
  })

  it('T103 warns for each of issuer and audience that is not written', async () => {
    expect(await faultsOf({ ...CONFIGS.hs, issuer: undefined })).toEqual([
      'warning authenticator/no-issuer ',
    ])
    expect(await faultsOf({ ...CONFIGS.hs, audience: undefined })).toEqual([
      'warning authenticator/no-audience ',
    ])
  })

  it.each([
    [{ publicKey: ISSUER.rsa.spki, algorithms: ['HS256'] }],
    [{ publicKey: ISSUER.rsa.spki, algorithms: ['RS256', 'HS256'] }],
    [{ publicKey: ISSUER.rsa.spki, algorithms: ['ES256'] }],
    [{ publicKey: ISSUER.p256.spki, algorithms: ['ES384'] }],
    [{ publicKey: ISSUER.ed25519.spki, algorithms: ['ES256'] }],
    [{ secret: ISSUER.secret, algorithms: ['RS256'] }],
    [{ secret: ISSUER.rsa.spki, algorithms: ['HS256'] }],
    [{ secret: 'short', algorithms: ['HS256'] }],
    [{ secret: ISSUER.secret, publicKey: ISSUER.rsa.spki, algorithms: ['RS256'] }],
    [{ algorithms: ['RS256'] }],
  ])('T097 ties algorithms to the type of the key: row %#', async (config) => {
    const { authenticator, faults } = await load(config)
    expect(authenticator).toBeUndefined()
    expect(faults.filter(({ severity }) => severity === 'error')).toHaveLength(1)
  })

  it.each([
    { algorithms: undefined },
    { algorithms: [] },
    { algorithms: ['none'] },
    { algorithms: ['hs256'] },
    { algorithms: 'HS256' },
    { usernameField: undefined },
    { issuer: '' },
    { issuer: [] },
    { audience: [] },
    { maxAge: -1 },
    { maxAge: 1.5 },
    { initialRoles: 'viewer' },
    { algorithm: 'HS256' },
  ])('T097 does not take %j', (changes) => {
    const whole = { ...CONFIGS.hs, usernameField: 'sub' }
    expect(jwtSchema.safeParse(whole).success).toBe(true)
    expect(jwtSchema.safeParse({ ...whole, ...changes }).success).toBe(false)
  })
})

describe('where a jwt authenticator looks', () => {
  it.each([
    [{}, { headers: { authorization: `Bearer ${token}` } }],
    [{ in: { scheme: 'Token' } }, { headers: { authorization: `token ${token}` } }],
    [{ in: { name: 'X-Token' } }, { headers: { 'x-token': token } }],
    [{ in: { location: 'query', name: 'jwt' } }, { queryParams: { jwt: token } }],
    [{ in: { location: 'cookie', name: 'jwt' } }, { headers: { cookie: `a=1; jwt=${token}` } }],
  ])('finds a token there and nowhere else: %j', async (config, head) => {
    const { examineHead } = await examiner({ ...CONFIGS.hs, ...config })
    expect(await examineHead(head)).toHaveProperty('caller.principal', 'ann')
    const elsewhere = {
      headers: { authorization: `Digest ${token}`, 'x-other': token, cookie: `x=${token}` },
      queryParams: { x: token },
    }
    expect(await examineHead(elsewhere)).toBeUndefined()
  })

  it.each([
    [{ headers: { authorization: 'Bearer' } }, 'malformed'],
    [{ headers: { authorization: 'bearer  ' } }, 'malformed'],
    [{ headers: { authorization: `Bearer\t${token}` } }, 'malformed'],
    [{ headers: { authorization: `Bearer ${token}, Bearer ${token}` } }, 'malformed'],
    [{ headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] } }, 'ambiguous'],
    [{ headers: { authorization: [`Bearer ${token}`, 'Basic abc'] } }, 'ambiguous'],
  ])('T104 refuses anything but one token there: row %#', async (head, reason) => {
    const { examineHead } = await examiner(CONFIGS.hs)
    expect(await examineHead(head)).toEqual({ refused: { reason } })
  })
})

describe('the challenge of a jwt authenticator', () => {
  it.each([
    [{}, 'Bearer realm="staff"', 'Bearer realm="staff", error="invalid_token"'],
    [
      { in: { location: 'cookie', name: 'jwt' } },
      'Bearer realm="staff"',
      'Bearer realm="staff", error="invalid_token"',
    ],
    [{ in: { scheme: 'Token' } }, 'Token realm="staff"', 'Token realm="staff"'],
  ])(
    'has an error only when a token was refused (RFC 6750 section 3): %j',
    async (config, asked, refused) => {
      const { authenticator } = await examiner({ ...CONFIGS.hs, ...config })
      expect(authenticator.challenge(false)).toBe(asked)
      expect(authenticator.challenge(true)).toBe(refused)
    },
  )
})

describe('T106 a MAC', () => {
  it.each([
    ['right', hs256()],
    ['wrong in its first byte', (input: string) => flipped(hs256()(input), 0)],
    ['wrong in its last byte', (input: string) => flipped(hs256()(input), 31)],
  ])('that is %s is compared in constant time', async (_how, sign) => {
    const { examine } = await examiner(CONFIGS.hs)
    vi.mocked(timingSafeEqual).mockClear()
    const forged = jws({ alg: 'HS256' }, claims(), sign)
    await examine(forged)
    const input = forged.slice(0, forged.lastIndexOf('.'))
    const expected = createHmac('sha256', ISSUER.secret).update(input).digest()
    const compared = vi.mocked(timingSafeEqual).mock.calls
    expect(compared).toHaveLength(1)
    expect(compared[0]).toContainEqual(expected)
  })

  it('is compared for no public key', async () => {
    const { examine } = await examiner(CONFIGS.rs)
    vi.mocked(timingSafeEqual).mockClear()
    expect(await examine(jws({ alg: 'RS256' }, claims(), rs256()))).toHaveProperty('caller')
    expect(timingSafeEqual).not.toHaveBeenCalled()
  })
})

function flipped(bytes: Buffer, index: number): Buffer {
  bytes[index] = (bytes[index] as number) ^ 1
  return bytes
}
