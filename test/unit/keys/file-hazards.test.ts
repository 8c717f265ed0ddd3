import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, chownSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTls } from '../../../src/config/tls-files.ts'
import { checkFileMode } from '../../../src/keys/sources/file-mode.ts'
import { readSecretFile } from '../../../src/keys/sources/secret-file.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PRIVATE = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Rules of what is said of a file in a folder that `prepare` has made. */
async function reading(path: string, prepare: (folder: string) => void = () => {}) {
  const folder = await tempFolder({ key: PRIVATE })
  prepare(folder.path)
  const { scope, faults } = recordingScope({ folder: folder.path })
  const found = await readSecretFile(path, scope, 'key')
  return { found, rules: faults.map(({ severity, rule }) => `${severity} ${rule}`) }
}

describe('T088 a key file', () => {
  it.each<[what: string, path: string, prepare: (folder: string) => void]>([
    [
      'a pipe that nobody writes to',
      'pipe',
      (folder) => void execFileSync('mkfifo', [`${folder}/pipe`]),
    ],
    ['a device without an end', '/dev/zero', () => {}],
    ['a link to it', 'link', (folder) => symlinkSync('/dev/zero', `${folder}/link`)],
    ['a folder', '.', () => {}],
    ['a file of 10 MB', 'key', (folder) => truncateSync(`${folder}/key`, 10_000_000)],
    ['a link to itself', 'link', (folder) => symlinkSync('link', `${folder}/link`)],
  ])('is not %s', async (_what, path, prepare) => {
    const { found, rules } = await reading(path, prepare)
    expect([found, rules]).toEqual([undefined, ['error key/unreadable']])
  })

  it('may be a link to a file elsewhere', async () => {
    const other = await tempFolder({ key: PRIVATE })
    const { found, rules } = await reading('link', (folder) =>
      symlinkSync(join(other.path, 'key'), `${folder}/link`),
    )
    expect([found?.text.reveal(), rules]).toEqual([PRIVATE.trimEnd(), []])
  })

  it.each([0o604, 0o640, 0o644, 0o660, 0o620, 0o602, 0o666])(
    'of mode %o is read with a warning',
    async (mode) => {
      const { found, rules } = await reading('key', (folder) => chmodSync(`${folder}/key`, mode))
      expect(found).toBeDefined()
      expect(rules).toEqual(['warning key/file-mode'])
    },
  )

  it.each([0o400, 0o600, 0o700])('of mode %o is its owner’s alone', async (mode) => {
    const { rules } = await reading('key', (folder) => chmodSync(`${folder}/key`, mode))
    expect(rules).toEqual([])
  })

  it.each([
    [0o640, []],
    [0o440, []],
    [0o644, ['warning key/file-mode']],
    [0o660, ['warning key/file-mode']],
  ])('of another owner and mode %o may be read by its group', async (mode, expected) => {
    if (process.getuid?.() !== 0) return
    const { rules } = await reading('key', (folder) => {
      chownSync(`${folder}/key`, 12_345, 12_345)
      chmodSync(`${folder}/key`, mode)
    })
    expect(rules).toEqual(expected)
  })

  it('of a Kubernetes volume may have any mode', async () => {
    const { rules } = await reading('mounted', (folder) => {
      execFileSync('mkdir', [`${folder}/..1`])
      execFileSync('mv', [`${folder}/key`, `${folder}/..1/mounted`])
      chmodSync(`${folder}/..1/mounted`, 0o644)
      symlinkSync('..1', `${folder}/..data`)
      symlinkSync('..data/mounted', `${folder}/mounted`)
    })
    expect(rules).toEqual([])
  })
})

describe('checkFileMode', () => {
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const privateJwk = pair.privateKey.export({ format: 'jwk' })
  it.each<[what: string, content: string | Buffer, warned: boolean]>([
    ['a public key', pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), false],
    ['a public key in DER', pair.publicKey.export({ type: 'spki', format: 'der' }), false],
    ['a public JWK set', JSON.stringify({ keys: [jwk] }), false],
    ['a private JWK', JSON.stringify(privateJwk), true],
    ['a secret JWK', JSON.stringify({ kty: 'oct', k: 'AAAA' }), true],
    ['a private key in DER', pair.privateKey.export({ type: 'pkcs8', format: 'der' }), true],
    ['a public key before a private one', `-----BEGIN PUBLIC KEY-----\n${PRIVATE}`, true],
    ['a secret', randomBytes(32), true],
    ['a password', 'pass phrase', true],
  ])('looks at who may read %s', async (_what, content, warned) => {
    const folder = await tempFolder()
    const path = await folder.write('file', content, 0o644)
    const { scope, faults } = recordingScope({ folder: folder.path })
    await checkFileMode(path, Buffer.from(content), scope, 'key')
    expect(faults.map(({ rule }) => rule)).toEqual(warned ? ['key/file-mode'] : [])
  })

  it('says nothing of what its file holds', async () => {
    const folder = await tempFolder()
    const path = await folder.write('file', 'CANARY', 0o644)
    const { scope, faults } = recordingScope({ folder: folder.path })
    await checkFileMode(path, Buffer.from('CANARY'), scope, 'key')
    expect(JSON.stringify(faults)).not.toContain('CANARY')
  })
})

it('T088 warns of the key of a TLS certificate, too', async () => {
  const folder = await tempFolder()
  await folder.write('tls.key', PRIVATE, 0o644)
  const { scope, faults } = recordingScope({ folder: folder.path })
  await readTls({ key: 'tls.key' }, scope, { rule: 'upstream/tls-file', ca: 'ca' })
  expect(faults.map(({ rule, path }) => [rule, path])).toContainEqual(['key/file-mode', ['key']])
})
