import { spawnSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadKey } from '../../../../src/keys/index.ts'
import { ecKeys } from '../../../support/keys.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { type TempFolder, tempFolder } from '../../../support/temp-folder.ts'

async function load(folder: TempFolder, file: string) {
  const { scope, faults } = recordingScope({ folder: folder.path })
  const key = await loadKey({ signingMethod: 'ES256', privateKey: { file } }, scope)
  return { key, faults }
}

describe('a key file', () => {
  it('is found relative to the folder of the policy file', async () => {
    const folder = await tempFolder({ 'keys/orders.pem': ecKeys().pkcs8 })
    expect((await load(folder, 'keys/orders.pem')).key).toBeDefined()
    expect((await load(folder, './keys/../keys/orders.pem')).key).toBeDefined()
    expect((await load(folder, join(folder.path, 'keys/orders.pem'))).key).toBeDefined()
  })

  it('may be a symbolic link, as Kubernetes mounts them', async () => {
    const folder = await tempFolder({ '..data/orders.pem': ecKeys().pkcs8 })
    await symlink('..data/orders.pem', join(folder.path, 'orders.pem'))
    expect((await load(folder, 'orders.pem')).key).toBeDefined()
  })

  it('may begin with a byte order mark', async () => {
    const folder = await tempFolder({ 'orders.pem': `\uFEFF${ecKeys().pkcs8}` })
    expect((await load(folder, 'orders.pem')).key).toBeDefined()
  })

  it.each(['pkcs8', 'sec1'] as const)('may be DER as %s', async (type) => {
    const der = ecKeys().privateKey.export({ type, format: 'der' })
    expect((await load(await tempFolder({ 'orders.der': der }), 'orders.der')).key).toBeDefined()
  })

  it.each([
    ['is absent', 'absent.pem', 'key/missing'],
    ['lies below a file', 'empty.pem/key.pem', 'key/missing'],
    ['is empty', 'empty.pem', 'key/missing'],
    ['holds only a line end', 'line-end.pem', 'key/missing'],
    ['is a folder', './folder', 'key/unreadable'],
    ['is larger than 64 KiB', 'large.pem', 'key/unreadable'],
    ['is much larger', 'huge.pem', 'key/unreadable'],
    ['is neither text nor a key', 'orders.bin', 'key/parse'],
    ['is UTF-16', 'utf-16.pem', 'key/parse'],
    ['is a device without an end', '/dev/zero', 'key/unreadable'],
  ])('that %s is refused at its place, with a hint', async (_, file, rule) => {
    const folder = await tempFolder({
      'empty.pem': '',
      'line-end.pem': '\n',
      'folder/key.pem': ecKeys().pkcs8,
      'large.pem': ecKeys().pkcs8 + ' '.repeat(64 * 1024),
      'huge.pem': Buffer.alloc(17 * 1024 * 1024, ' '),
      'orders.bin': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
      'utf-16.pem': Buffer.from(`\uFEFF${ecKeys().pkcs8}`, 'utf16le'),
    })
    const { key, faults } = await load(folder, file)
    expect(key).toBeUndefined()
    expect(faults).toMatchObject([
      {
        severity: 'error',
        rule,
        path: ['privateKey', 'file'],
        message: expect.stringContaining(rule === 'key/parse' ? 'a file' : file),
        hint: expect.stringMatching(/./),
      },
    ])
  })

  it('that is a FIFO is refused at once instead of waited for', async () => {
    const folder = await tempFolder()
    expect(spawnSync('mkfifo', [join(folder.path, 'fifo')]).status).toBe(0)
    const { faults } = await load(folder, 'fifo')
    expect(faults).toMatchObject([{ rule: 'key/unreadable', path: ['privateKey', 'file'] }])
  })

  it('that may not be read says so', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root reads every file')
    const folder = await tempFolder()
    await folder.write('secret.pem', ecKeys().pkcs8, 0o000)
    const { faults } = await load(folder, 'secret.pem')
    expect(faults).toMatchObject([{ rule: 'key/unreadable', hint: 'check owner and mode' }])
  })
})
