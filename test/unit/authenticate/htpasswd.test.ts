import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import bcrypt from 'bcrypt'
import { describe, expect, it } from 'vitest'
import { readUsers } from '../../../src/authenticate/htpasswd.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const hashOf = (password: string) => bcrypt.hashSync(password, 4)

async function read(htpasswd: string | Uint8Array) {
  const folder = await tempFolder({ htpasswd })
  const { scope, faults } = recordingScope({ folder: folder.path })
  return { users: await readUsers('htpasswd', scope), faults }
}

describe('an htpasswd file', () => {
  it('has comments, blank lines and line ends of either kind', async () => {
    const hash = hashOf('x')
    const { faults, users } = await read(`# people\r\n\r\n ann:${hash}\r\nbücher:${hash}`)
    expect(faults).toEqual([])
    expect([...(users ?? [])]).toEqual([
      ['ann', hash],
      ['bücher', hash],
    ])
  })

  const canary = 'CANARYCANARYCANARY'
  it.each([
    ['SHA-1', `{SHA}${canary}=`, 'SHA-1 ({SHA})'],
    ['MD5', `$apr1$x$${canary}`, 'MD5 ($apr1$)'],
    ['SHA-256 crypt', `$5$x$${canary}`, 'SHA-256 crypt ($5$)'],
    ['SHA-512 crypt', `$6$x$${canary}`, 'SHA-512 crypt ($6$)'],
    ['crypt or plain text', canary, 'crypt, plain text or an unknown format'],
    ['cut off bcrypt', `$2y$10$${canary}`, 'bcrypt that is cut off'],
    [
      'an unknown bcrypt',
      hashOf('x').replace('$2b$', '$2x$'),
      'bcrypt that is cut off or of an unknown',
    ],
    ['more behind the hash', `${hashOf('x')}:${canary}`, 'bcrypt that is cut off'],
    ['nothing', '', 'crypt, plain text'],
    ['a cost that takes days', hashOf('x').replace('$04$', '$31$'), 'a bcrypt cost of 4 to 15'],
    ['a cost that is none', hashOf('x').replace('$04$', '$03$'), 'a bcrypt cost of 4 to 15'],
  ])('is refused with %s, by its line and without its text', async (_what, hash, said) => {
    const { users, faults } = await read(`ann:${hashOf('x')}\n\nbob:${hash}\n`)
    expect(users).toBeUndefined()
    expect(faults).toMatchObject([{ rule: 'authenticator/htpasswd', path: [] }])
    expect(faults[0]?.message).toContain(said)
    expect(faults[0]?.message).toContain('line 3')
    expect(JSON.stringify(faults)).not.toContain(canary)
  })

  it.each([
    ['a line without a colon', 'CANARYCANARY\n', 'expected a user name'],
    ['a line without a name', `:${hashOf('x')}\n`, 'expected a user name'],
    ['a user twice', `ann:${hashOf('x')}\nann:${hashOf('x')}\n`, 'line 1 has it, in line 2'],
    ['what is no UTF-8', Buffer.from('\xff:x', 'latin1'), 'in UTF-8'],
  ])('is refused with %s', async (_what, text, said) => {
    const { users, faults } = await read(text)
    expect(users).toBeUndefined()
    expect(faults[0]?.message).toContain(said)
    expect(JSON.stringify(faults)).not.toContain('CANARY')
  })

  it('is refused when it is not there', async () => {
    const { scope, faults } = recordingScope()
    expect(await readUsers('none', scope)).toBeUndefined()
    expect(faults).toMatchObject([
      { rule: 'authenticator/htpasswd', hint: expect.stringContaining('relative to this file') },
    ])
  })
})

const canWriteHtpasswd = spawnSync('htpasswd', ['-nbB', 'a', 'b']).status === 0
if (!canWriteHtpasswd) {
  process.stderr.write('skipped: files of htpasswd itself, as it is not on the PATH\n')
}

describe.skipIf(!canWriteHtpasswd)('a file that htpasswd wrote', () => {
  const write = (...args: readonly string[]) =>
    execFileSync('htpasswd', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

  it('is read when its passwords are bcrypt', async () => {
    const folder = await tempFolder({ users: '' })
    write('-bB', join(folder.path, 'users'), 'ann', 'blue: horse')
    write('-bB', '-C', '6', join(folder.path, 'users'), 'bücher', 'grün')
    const { users } = await read(await systemEnvironment().readFile(join(folder.path, 'users')))
    expect(await bcrypt.compare('blue: horse', users?.get('ann') ?? '')).toBe(true)
    expect(await bcrypt.compare('grün', users?.get('bücher') ?? '')).toBe(true)
  })

  it.each([['-m'], ['-s'], ['-d'], ['-p'], ['-2'], ['-5']])(
    'is refused when it was written with %s',
    async (flag) => {
      const { users, faults } = await read(write('-nb', flag, 'ann', 'CANARY'))
      expect(users).toBeUndefined()
      expect(faults[0]?.message).toMatch(/^expected a bcrypt hash, found .* in line 1 of the file$/)
      expect(faults[0]?.message).not.toContain('CANARY')
    },
  )
})
