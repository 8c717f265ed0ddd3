import { createVerifier } from 'fast-jwt'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { type AlgorithmName, loadKey, type OneKeyConfig } from '../../../src/keys/index.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { compact } from './compact.ts'

const secret = hmacSecret()
const rsa = rsaKeys()
const ec = ecKeys()
const ecParameters =
  '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'

async function load(config: OneKeyConfig, variables: Record<string, string> = {}) {
  const { scope, faults } = recordingScope({ variables })
  const key = await loadKey(config, scope)
  return { key, faults }
}

async function loadText(
  signingMethod: AlgorithmName,
  text: string,
  rest: Partial<OneKeyConfig> = {},
) {
  return load({ signingMethod, privateKey: { env: 'KEY' }, ...rest }, { KEY: text })
}

describe('loadKey accepts', () => {
  const rsaForms: [string, string][] = [
    ['PKCS#8', rsa.pkcs8],
    ['PKCS#1', rsa.pkcs1],
    ['PEM with CRLF', rsa.pkcs8.replaceAll('\n', '\r\n')],
    ['PEM with a literal \\n', rsa.pkcs8.replaceAll('\n', '\\n')],
    ['PEM with a literal \\r\\n', rsa.pkcs8.replaceAll('\n', '\\r\\n')],
    ['PEM on one line with blanks', rsa.pkcs8.replaceAll('\n', ' ')],
    [
      'PEM with white space around and before each line',
      `\n\t  ${rsa.pkcs8.replaceAll('\n', '\n  ')} \n`,
    ],
    ['PEM with its public half beside it', rsa.spki + rsa.pkcs8],
    ['PEM with text before it', `Bag Attributes\n    friendlyName: orders\n${rsa.pkcs8}`],
    ['JWK text', JSON.stringify(rsa.privateJwk)],
    ['JWK text, indented', `\n${JSON.stringify(rsa.privateJwk, null, 2)}\n`],
  ]
  it.each(rsaForms)('an RSA key as %s', async (_, text) => {
    const { key, faults } = await loadText('RS256', text)
    expect(faults).toEqual([])
    const verify = createVerifier({ key: rsa.spki, algorithms: ['RS256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  const ecForms: [string, string][] = [
    ['PKCS#8', ec.pkcs8],
    ['SEC1', ec.sec1],
    ['SEC1 after EC PARAMETERS, as openssl ecparam writes it', ecParameters + ec.sec1],
    ['JWK text', JSON.stringify({ ...ec.privateJwk, use: 'sig', key_ops: ['sign'], alg: 'ES256' })],
  ]
  it.each(ecForms)('an EC key as %s', async (_, text) => {
    const { key, faults } = await loadText('ES256', text)
    expect(faults).toEqual([])
    const verify = createVerifier({ key: ec.spki, algorithms: ['ES256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  it('an Ed25519 JWK under its newer algorithm name', async () => {
    const { key, faults } = await loadText(
      'EdDSA',
      JSON.stringify({ ...ed25519Keys().privateJwk, alg: 'Ed25519' }),
    )
    expect(faults).toEqual([])
    expect(key?.signer.alg).toBe('EdDSA')
  })

  it('a JWK as a mapping in the policy file, with a warning', async () => {
    const { key, faults } = await load({
      signingMethod: 'ES256',
      privateKey: { jwk: { ...ec.privateJwk, kty: 'EC' } },
    })
    expect(key).toBeDefined()
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/inline', path: ['privateKey', 'jwk'] },
    ])
  })

  it('a secret in the policy file, with a warning', async () => {
    const { key, faults } = await load({ signingMethod: 'HS256', privateKey: secret })
    const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/inline', path: ['privateKey'] },
    ])
  })

  it('an oct JWK as the bytes that it encodes', async () => {
    const bytes = Buffer.from(secret, 'base64url')
    const { key } = await loadText('HS512', JSON.stringify({ kty: 'oct', k: secret }))
    const verify = createVerifier({ key: bytes, algorithms: ['HS512'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  it('JSON text without kty as the plain text of a secret', async () => {
    const text = JSON.stringify({ pepper: secret })
    const { key } = await loadText('HS256', text)
    const verify = createVerifier({ key: text, algorithms: ['HS256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  it.each([
    ['no line end', '', ''],
    ['one LF', '\n', ''],
    ['one CRLF', '\r\n', ''],
    ['two LF, of which one belongs to the secret', '\n\n', '\n'],
  ])('a secret from a file that ends with %s', async (_, ending, kept) => {
    const folder = await tempFolder({ 'secret.txt': secret + ending })
    const { scope } = recordingScope({ folder: folder.path })
    const key = await loadKey({ signingMethod: 'HS256', privateKey: { file: 'secret.txt' } }, scope)
    const verify = createVerifier({ key: secret + kept, algorithms: ['HS256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  it('a secret from the environment exactly as it is', async () => {
    const { key } = await loadText('HS256', ` ${secret}\n`)
    const verify = createVerifier({ key: ` ${secret}\n`, algorithms: ['HS256'] })
    expect(verify(await compact(key!.signer, { n: 1 }))).toEqual({ n: 1 })
  })

  it.each([
    ['a short secret', 'HS512', hmacSecret(32).slice(0, 63)],
    ['a short RSA key', 'RS256', rsaKeys(1024).pkcs8],
  ] as const)('%s with allowWeakKey, with a warning', async (_, signingMethod, text) => {
    const { key, faults } = await loadText(signingMethod, text, { allowWeakKey: true })
    expect(key).toBeDefined()
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/weak', path: ['privateKey', 'env'] },
    ])
  })
})

describe('the key id', () => {
  it('is the RFC 7638 thumbprint of the public half when left out', async () => {
    const { key } = await loadText('ES256', ec.pkcs8)
    const thumbprint = await calculateJwkThumbprint(ec.publicKey)
    expect(key).toMatchObject({ kid: thumbprint, signer: { kid: thumbprint } })
  })

  it('is absent for HMAC when left out', async () => {
    const { key } = await loadText('HS256', secret)
    expect(key).not.toHaveProperty('kid')
    expect(key?.signer).not.toHaveProperty('kid')
  })

  it.each([
    ['HS256', secret],
    ['ES256', ec.pkcs8],
  ] as const)('is the name when %s has one', async (signingMethod, text) => {
    const { key } = await loadText(signingMethod, text, { kid: 'orders-1' })
    expect(key).toMatchObject({ kid: 'orders-1', signer: { kid: 'orders-1' } })
  })

  it('is absent with omit, in the JWK as well', async () => {
    const { key } = await loadText('ES256', ec.pkcs8, { kid: 'omit' })
    expect(key).not.toHaveProperty('kid')
    expect(key?.publicJwk).not.toHaveProperty('kid')
  })

  it.each([
    ['x5t, without a certificate', 'ES256', ec.pkcs8, 'x5t'],
    ['the thumbprint of a secret', 'HS256', secret, 'thumbprint'],
  ] as const)('is refused as %s', async (_, signingMethod, text, kid) => {
    const { key, faults } = await loadText(signingMethod, text, { kid })
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule: 'key/kid', path: ['kid'] }])
  })

  const account = JSON.stringify({
    private_key: ec.pkcs8,
    private_key_id: 'sa-7',
    client_id: 12,
    nested: { id: 'n-1' },
    note: 'é',
    long: 'x'.repeat(257),
  })
  const inField = (kid: OneKeyConfig['kid']) =>
    load(
      { signingMethod: 'ES256', privateKey: { env: 'KEY', field: 'private_key' }, kid },
      { KEY: account },
    )

  it('is a member of the JSON document that the key is a field of', async () => {
    const { key, faults } = await inField({ field: 'private_key_id' })
    expect(faults).toEqual([])
    expect(key).toMatchObject({ kid: 'sa-7', signer: { kid: 'sa-7' }, account: { client_id: 12 } })
  })

  it('is a member at any depth, by its JSON pointer', async () => {
    expect((await inField({ field: '/nested/id' })).key?.kid).toBe('n-1')
  })

  it.each(['absent', 'nested', 'client_id', 'note', 'long', 'private_key', 'constructor'])(
    'is refused as the member %s, which is no fit text, without quoting it',
    async (field) => {
      const { key, faults } = await inField({ field })
      expect(key).toBeUndefined()
      expect(faults).toMatchObject([{ rule: 'key/kid', path: ['kid', 'field'] }])
      expect(JSON.stringify(faults)).not.toMatch(/é|xxx|BEGIN/)
    },
  )

  it.each([
    ['', secret],
    [' in base64', Buffer.from(secret).toString('base64')],
  ])('is refused as a member that is the secret itself%s', async (_, name) => {
    const privateKey = { env: 'KEY', field: 'value' }
    const { key, faults } = await load(
      { signingMethod: 'HS256', privateKey, kid: { field: 'name' } },
      { KEY: JSON.stringify({ value: secret, name }) },
    )
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([{ rule: 'key/kid', path: ['kid', 'field'] }])
  })

  it('is refused as a member when the key is no field', async () => {
    const { faults } = await loadText('ES256', ec.pkcs8, { kid: { field: 'private_key_id' } })
    expect(faults).toMatchObject([{ rule: 'key/kid', path: ['kid', 'field'] }])
  })

  it('and the key are faulted in one run', async () => {
    const { faults } = await loadText('HS256', rsa.pkcs8, { kid: 'x5t' })
    expect(faults.map(({ rule }) => rule)).toEqual(['key/kid', 'key/mismatch'])
  })
})

describe('keyType', () => {
  it.each([
    ['ES256', ec.pkcs8, 'EcPem', []],
    ['RS256', rsa.pkcs8, 'RsaPem', []],
    ['HS256', secret, 'Secret', []],
    ['ES256', ec.pkcs8, 'RsaPem', ['key/type keyType']],
    ['HS256', secret, 'Jwk', ['key/type privateKey env']],
  ] as const)('for %s is checked against algorithm and key', async (alg, text, keyType, places) => {
    const { key, faults } = await loadText(alg, text, { keyType })
    expect(faults.map(({ rule, path }) => [rule, ...path].join(' '))).toEqual(places)
    expect(key === undefined).toBe(places.length > 0)
  })
})

describe('a loaded key', () => {
  it('shows nothing of its material when it is printed', async () => {
    const { key } = await loadText('HS256', secret)
    expect(JSON.stringify(key)).not.toContain(secret.slice(0, 12))
    const { key: pair } = await loadText('ES256', ec.pkcs8)
    expect(JSON.stringify(pair)).not.toContain(ec.privateJwk.d)
  })

  it('has no JWK when it is a secret', async () => {
    const { key } = await loadText('HS256', secret)
    expect(key).not.toHaveProperty('publicJwk')
  })

  it('has a JWK by which its tokens verify, with kid, alg and use', async () => {
    const { key } = await loadText('RS256', rsa.pkcs8, { kid: 'r1' })
    const { n, e } = rsa.publicJwk
    expect(key?.publicJwk).toEqual({ kty: 'RSA', n, e, kid: 'r1', alg: 'RS256', use: 'sig' })
  })
})
