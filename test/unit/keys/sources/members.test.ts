import { beforeAll, describe, expect, it } from 'vitest'
import { loadKey, type OneKeyConfig } from '../../../../src/keys/index.ts'
import { ecKeys, encryptedPem, hmacSecret } from '../../../support/keys.ts'
import { type RecordingOptions, recordingScope } from '../../../support/recording-scope.ts'
import { type TempFolder, tempFolder } from '../../../support/temp-folder.ts'

const passphrase = hmacSecret(16)
const locked = encryptedPem(ecKeys(), passphrase)
const account = { issuer: 'erp', key: ecKeys().pkcs8, unlock: { passphrase }, locked }

let folder: TempFolder
beforeAll(async () => {
  folder = await tempFolder({
    'locked.pem': locked,
    'passphrase.txt': `${passphrase}\n`,
    'binary.bin': Buffer.from([0xff, 0xfe, 0]),
    'account.json': JSON.stringify(account),
    'set.json': JSON.stringify({ keys: [{ ...ecKeys().privateJwk, kid: 'a' }] }),
  })
  return folder.remove
})

async function load(privateKey: OneKeyConfig['privateKey'], rest: RecordingOptions = {}) {
  const { scope, faults } = recordingScope({ folder: folder.path, ...rest })
  const key = await loadKey({ signingMethod: 'ES256', privateKey }, scope)
  return { key, faults }
}

describe('beside a key source', () => {
  const variables = {
    LOCKED: locked,
    PASSPHRASE: passphrase,
    ACCOUNT: JSON.stringify(account),
  }
  it.each([
    ['{ env }', { file: 'locked.pem', passphrase: { env: 'PASSPHRASE' } }],
    ['{ file }', { env: 'LOCKED', passphrase: { file: 'passphrase.txt' } }],
    [
      'a field of a file',
      { env: 'LOCKED', passphrase: { file: 'account.json', field: '/unlock/passphrase' } },
    ],
    [
      'a field, as the key is',
      {
        env: 'ACCOUNT',
        field: 'locked',
        passphrase: { env: 'ACCOUNT', field: '/unlock/passphrase' },
      },
    ],
  ])('a passphrase may be %s', async (_, source) => {
    const { key, faults } = await load(source, { variables })
    expect(faults).toEqual([])
    expect(key).toBeDefined()
  })

  it('a passphrase in the policy file is warned about at its place', async () => {
    const { key, faults } = await load({ file: 'locked.pem', passphrase })
    expect(key).toBeDefined()
    expect(faults).toMatchObject([
      { severity: 'warning', rule: 'key/inline', path: ['privateKey', 'passphrase'] },
    ])
    expect(JSON.stringify(faults)).not.toContain(passphrase.slice(0, 8))
  })

  it.each([
    ['file', { file: 'account.json', field: 'key' }],
    ['env', { env: 'ACCOUNT', field: 'key' }],
  ])('a field of %s leaves the rest to claims', async (_, source) => {
    const { key, faults } = await load(source, { variables })
    expect(faults).toEqual([])
    expect(key?.account).toEqual({ issuer: 'erp', unlock: {} })
  })

  it.each([
    [
      'a passphrase that is not set',
      { file: 'locked.pem', passphrase: { env: 'NONE' } },
      'key/missing',
      ['passphrase', 'env'],
    ],
    [
      'a passphrase file that is not there',
      { file: 'locked.pem', passphrase: { file: 'none.txt' } },
      'key/missing',
      ['passphrase', 'file'],
    ],
    [
      'a passphrase file that is no text',
      { file: 'locked.pem', passphrase: { file: 'binary.bin' } },
      'key/parse',
      ['passphrase', 'file'],
    ],
    [
      'a wrong passphrase',
      { file: 'locked.pem', passphrase: { env: 'ACCOUNT' } },
      'key/passphrase',
      ['passphrase'],
    ],
    ['a missing passphrase', { file: 'locked.pem' }, 'key/encrypted', ['file']],
    [
      'a passphrase field that is not there',
      { file: 'locked.pem', passphrase: { file: 'account.json', field: 'no' } },
      'key/missing',
      ['passphrase', 'field'],
    ],
    [
      'a passphrase field of no JSON',
      { file: 'locked.pem', passphrase: { file: 'passphrase.txt', field: 'no' } },
      'key/parse',
      ['passphrase', 'file'],
    ],
    [
      'a field that is not there',
      { file: 'account.json', field: 'none' },
      'key/missing',
      ['field'],
    ],
    ['a field that is no text', { file: 'account.json', field: 'unlock' }, 'key/parse', ['field']],
    ['a field of no JSON', { file: 'locked.pem', field: 'key' }, 'key/parse', ['file']],
    ['a field of a binary file', { file: 'binary.bin', field: 'key' }, 'key/parse', ['file']],
    ['a field that is no key', { file: 'account.json', field: 'issuer' }, 'key/parse', ['file']],
    ['a JWK set that is not there', { jwks: 'none.json' }, 'key/missing', ['jwks']],
    ['a JWK set that is no text', { jwks: 'binary.bin' }, 'key/parse', ['jwks']],
    ['a JWK set that is none', { jwks: 'account.json' }, 'key/parse', ['jwks']],
    ['a kid that the set has not', { jwks: 'set.json', kid: 'b' }, 'key/missing', ['kid']],
  ] as const)('%s is refused at its place', async (_, source, rule, path) => {
    const { key, faults } = await load(source, { variables })
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([
      { severity: 'error', rule, path: ['privateKey', ...path], hint: expect.stringMatching(/./) },
    ])
  })

  it('a JWK set gives the key with the kid', async () => {
    const { key, faults } = await load({ jwks: 'set.json', kid: 'a' })
    expect(faults).toEqual([])
    expect(key).toBeDefined()
  })
})
