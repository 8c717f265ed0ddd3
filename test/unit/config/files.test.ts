import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPolicyFiles, readSource } from '../../../src/config/files.ts'
import { UnreadableError } from '../../../src/config/unreadable-error.ts'
import { systemEnvironment } from '../../../src/environment.ts'

const environment = systemEnvironment()

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-files-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(name: string, content: string | Uint8Array = 'a: 1\n') {
  const path = join(root, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

const found = async (path = root) =>
  (await findPolicyFiles(path)).files.map((file) => file.slice(root.length + 1))

describe('the files of a folder', () => {
  it('are all policy files below it in byte order of their paths', async () => {
    const names = [
      'B.yaml',
      'a-b.yaml',
      'a.yml',
      'a/c.yaml',
      'a/é.yaml',
      'b.yaml',
      'é.yaml',
      '\u{1f600}.yaml',
    ]
    for (const name of names.toReversed()) write(name)
    expect(await found()).toEqual(names)
  })

  it('are not the gateway file, tests, hidden names, and files of another kind', async () => {
    for (const name of [
      'countersign.yaml',
      'sub/countersign.yaml',
      'a.test.yaml',
      '.hidden.yaml',
      '.git/x.yaml',
      'a.json',
      'yaml',
      'a.yaml~',
      'a.yaml.swp',
      'key.pem',
      'a.yaml',
    ]) {
      write(name)
    }
    expect(await found()).toEqual(['a.yaml'])
  })

  it('are the file itself when the path is one, whatever its name', async () => {
    const path = write('countersign.yaml')
    expect((await findPolicyFiles(path)).files).toEqual([path])
  })

  it('include links to files and to folders', async () => {
    write('elsewhere/x.yaml')
    mkdirSync(join(root, 'p'))
    symlinkSync(join(root, 'elsewhere/x.yaml'), join(root, 'p/file.yaml'))
    symlinkSync('../elsewhere', join(root, 'p/folder'))
    expect(await found(join(root, 'p'))).toEqual(['p/file.yaml', 'p/folder/x.yaml'])
  })

  it('are found with every link that decided which they are, in folders below too', async () => {
    write('..1/a.yaml')
    write('..1/sub/b.yaml')
    symlinkSync('..1', join(root, '..data'))
    symlinkSync('..data/a.yaml', join(root, 'a.yaml'))
    symlinkSync('..data/sub', join(root, 'sub'))
    const followed: string[] = []
    const { files } = await findPolicyFiles(root, async (path) => void followed.push(path))
    expect(files).toEqual([join(root, 'a.yaml'), join(root, 'sub/b.yaml')])
    expect(followed).toEqual(expect.arrayContaining([join(root, '..data'), join(root, 'sub')]))
  })

  it('do not include a folder within itself', async () => {
    write('a.yaml')
    symlinkSync('.', join(root, 'loop'))
    await expect(findPolicyFiles(root)).rejects.toMatchObject({ code: 'ELOOP' })
  })

  it.each([
    ['a path that is not there', 'nope', 'ENOENT'],
    ['a link to nothing', 'link.yaml', 'ENOENT'],
  ])('cannot be found at %s', async (_what, name, code) => {
    symlinkSync('gone', join(root, 'link.yaml'))
    const failure = await findPolicyFiles(join(root, name)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UnreadableError)
    expect(failure).toMatchObject({ code, path: join(root, name) })
  })

  it('cannot be found in part: a link to nothing is an error', async () => {
    write('a.yaml')
    symlinkSync('gone', join(root, 'b.yaml'))
    await expect(findPolicyFiles(root)).rejects.toThrow(UnreadableError)
  })

  it.skipIf(process.getuid?.() === 0)(
    'cannot be found in a folder without permission (skipped as root)',
    async () => {
      mkdirSync(join(root, 'closed'), { mode: 0 })
      await expect(findPolicyFiles(root)).rejects.toMatchObject({ code: 'EACCES' })
      chmodSync(join(root, 'closed'), 0o700)
    },
  )
})

describe('reading a file', () => {
  it('gives its text, a byte order mark included', async () => {
    expect(await readSource(write('a.yaml', '\ufeffé: 😀\r\n'), environment)).toMatchObject({
      text: '\ufeffé: 😀\r\n',
      diagnostics: [],
    })
  })

  it('takes 1 MiB and not a byte more', async () => {
    const most = await readSource(write('a', 'x'.repeat(1024 * 1024)), environment)
    expect(most.text).toHaveLength(1024 * 1024)
    const more = await readSource(write('b', 'x'.repeat(1024 * 1024 + 1)), environment)
    expect(more.text).toBeUndefined()
    expect(more.diagnostics).toMatchObject([{ rule: 'file/too-large', severity: 'error' }])
  })

  it.each([
    ['a stray byte', [0x61, 0x0a, 0x62, 0xff], 2, 2],
    ['a cut character', [0x61, 0x0a, 0xc3], 2, 1],
    ['an overlong form', [0xc0, 0xaf], 1, 1],
    ['a surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 1, 3],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], 1, 1],
  ])('refuses %s with its place and without the text', async (_what, bytes, line, column) => {
    const path = write('a.yaml', new Uint8Array(bytes))
    expect(await readSource(path, environment)).toEqual({
      path,
      diagnostics: [
        {
          file: path,
          line,
          column,
          severity: 'error',
          rule: 'file/encoding',
          message: 'expected UTF-8',
          hint: 'save the file as UTF-8',
        },
      ],
    })
  })

  it('refuses a folder, and a pipe without waiting for its writer', async () => {
    const pipe = join(root, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const [path, code] of [
      [root, 'EISDIR'],
      [pipe, 'ENOTREG'],
      ['/dev/zero', 'ENOTREG'],
    ] as const) {
      const reading = readSource(path, environment)
      await expect(reading).rejects.toMatchObject({ name: 'UnreadableError', code })
    }
  })
})
