import { randomBytes } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import type { Credential } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { decryptJwe } from '../../support/decrypt-jwe.ts'
import { errorCode } from '../../support/error-code.ts'
import { rsaKeys } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileJwt, secret } from './source.ts'

const NOW = 1_767_225_600
const ENCRYPT = { alg: 'RSA-OAEP-256', enc: 'A256GCM', publicKey: { env: 'PEER' }, kid: 'peer-1' }
const UNSIGNED = { signingMethod: undefined, privateKey: undefined }
const environment = () =>
  fixedEnvironment({ variables: { KEY: secret, PEER: rsaKeys().spki, SHARED: shared } })
const shared = randomBytes(32).toString('base64')

const compiled = (block: object) => compileJwt(block, undefined, environment())

async function issued(block: object, warnings: readonly string[] = []): Promise<Credential> {
  const { source, faults } = await compiled(block)
  expect(faults.map(({ rule }) => rule)).toEqual(warnings)
  return await source!.issue(requestContext())
}

const opened = ({ value }: Credential) => decryptJwe(value.reveal(), rsaKeys().privateKey)

const verify = createVerifier({
  key: secret,
  algorithms: ['HS256'],
  complete: true,
  clockTimestamp: NOW * 1000,
})

describe('an encrypted token', () => {
  it('is signed first: a JWS inside a JWE', async () => {
    const block = {
      sub: 'ann',
      kid: 'k1',
      customHeaders: [{ name: 'typ', value: 'at+jwt' }],
      encrypt: ENCRYPT,
    }
    const { header, plaintext } = opened(await issued(block))
    expect(header).toEqual({
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      kid: 'peer-1',
      typ: 'JWT',
      cty: 'JWT',
    })
    expect(verify(plaintext)).toMatchObject({
      header: { alg: 'HS256', typ: 'at+jwt', kid: 'k1' },
      payload: { sub: 'ann', iat: NOW, exp: NOW + 300 },
    })
  })

  it('shows later policies its claims, the signed header, and the whole JWE as its value', async () => {
    const credential = await issued({ sub: 'ann', encrypt: ENCRYPT })
    expect(credential.token).toEqual({
      claims: { sub: 'ann', iat: NOW, exp: NOW + 300 },
      header: { alg: 'HS256', typ: 'JWT' },
    })
    expect(credential.expiresAt).toBe(NOW + 300)
    expect(credential.value.reveal().split('.')).toHaveLength(5)
  })

  it('tells logs how it was signed and encrypted', async () => {
    const { trace } = await issued({ kid: 'k1', encrypt: ENCRYPT })
    expect(trace).toEqual({ alg: 'HS256', kid: 'k1', enc: 'A256GCM', cache: 'miss' })
  })

  it('is used again like any other', async () => {
    const { source } = await compiled({ encrypt: ENCRYPT })
    const first = await source!.issue(requestContext())
    const second = await source!.issue(requestContext())
    expect(second.value.reveal()).toBe(first.value.reveal())
  })

  it('has the public keys of its signature told, not those it is encrypted to', async () => {
    const { source } = await compiled({ encrypt: ENCRYPT })
    expect(source!.publicKeys).toEqual([])
  })
})

describe('a token that is only encrypted', () => {
  const only = (block: object = {}) => ({
    ...UNSIGNED,
    ...block,
    encrypt: { ...ENCRYPT, signed: false },
  })

  it('holds its claims, and its custom headers in the header of the JWE', async () => {
    const block = only({ sub: 'ann', customHeaders: [{ name: 'org', value: 7 }] })
    const credential = await issued(block, ['encrypt/unsigned-public'])
    const { header, plaintext } = opened(credential)
    expect(header).toEqual({
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      kid: 'peer-1',
      typ: 'JWT',
      org: 7,
    })
    expect(JSON.parse(plaintext)).toEqual({ sub: 'ann', iat: NOW, exp: NOW + 300 })
    expect(credential.token?.header).toEqual(header)
    expect(credential.trace).toMatchObject({ alg: 'RSA-OAEP-256', kid: 'peer-1', enc: 'A256GCM' })
  })

  it('may go to a shared secret, and leave typ out', async () => {
    const block = {
      ...UNSIGNED,
      customHeaders: [{ name: 'typ', value: null }],
      encrypt: {
        alg: 'dir',
        enc: 'A256GCM',
        secret: { env: 'SHARED' },
        keyType: 'Base64Secret',
        signed: false,
      },
    }
    const { token } = await issued(block)
    expect(token?.header).toEqual({ alg: 'dir', enc: 'A256GCM' })
  })

  it('has no public keys', async () => {
    expect((await compiled(only())).source!.publicKeys).toEqual([])
  })

  it.each<[object, string, string]>([
    [{ signingMethod: 'HS256' }, 'encrypt/unsigned', 'signingMethod'],
    [{ privateKey: { env: 'KEY' } }, 'encrypt/unsigned', 'privateKey'],
    [{ kid: 'k' }, 'encrypt/unsigned', 'kid'],
    [{ account: 'erp' }, 'encrypt/unsigned', 'account'],
    [{ customHeaders: [{ name: 'kid', value: 'k' }] }, 'claim/duplicate', 'customHeaders.0.name'],
    [{ customHeaders: [{ name: 'enc', value: 'k' }] }, 'claim/duplicate', 'customHeaders.0.name'],
    [{ customHeaders: [{ name: 'zip', value: 'DEF' }] }, 'claim/duplicate', 'customHeaders.0.name'],
    [{ customHeaders: [{ name: 'apu', value: 'x' }] }, 'claim/duplicate', 'customHeaders.0.name'],
    [{ exp: undefined }, 'schema/required', 'exp'],
  ])('with %j is reported as %s at %s', async (block, rule, place) => {
    if (rule === 'schema/required') {
      await expect(compiled(only(block))).rejects.toMatchObject({ issues: [{ path: ['exp'] }] })
      return
    }
    const { faults } = await compiled(only(block))
    expect(faults.map((fault) => `${fault.rule} ${fault.path.join('.')}`)).toContain(
      `${rule} ${place}`,
    )
  })

  it.each(['alg', 'enc', 'kid', 'epk', 'crit'])('never takes a computed %s', async (name) => {
    const block = only({ customHeaders: [{ name: '#[payload.name]', value: 'none' }] })
    const { source } = await compiled(block)
    const run = () => source!.issue(requestContext({}, { payload: { name } }))
    expect(await errorCode(run)).toBe('claim/duplicate')
  })
})
