import { createPublicKey } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadKey, type OneKeyConfig } from '../../src/keys/index.ts'
import { runCountersign } from '../support/process.ts'
import { recordingScope } from '../support/recording-scope.ts'
import { tempFolder } from '../support/temp-folder.ts'

const NAMED = ['keygen', 'ES256', '--kid', 'k']

/** Runs `countersign keygen` in a folder of its own. */
async function keygen(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { path: cwd } = await tempFolder()
  return { cwd, ...(await runCountersign(['keygen', ...args], { cwd, env })) }
}

/** What loading makes of the lines that `keygen` offers for a policy. */
async function loadOffered(stderr: string) {
  const { jwt } = parse(stderr.slice(stderr.indexOf('jwt:'))) as { jwt: OneKeyConfig }
  const { scope, faults } = recordingScope()
  const loaded = await loadKey(jwt, scope)
  expect(faults).toEqual([])
  return loaded
}

async function modesIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  const modes = names.map(async (name) => {
    const { mode } = await stat(join(folder, name))
    return [name, (mode & 0o777).toString(8)] as const
  })
  return Object.fromEntries(await Promise.all(modes))
}

describe('countersign keygen', () => {
  it.each(['ES256', 'RS256', 'EdDSA', 'HS256'])(
    'makes a key of %s that a policy loads under the printed kid',
    async (alg) => {
      const { code, stdout, stderr } = await keygen([alg])
      expect(code, stderr).toBe(0)
      const loaded = await loadOffered(stderr)
      expect(loaded?.signer.alg).toBe(alg)
      expect(stdout).toBe(loaded?.kid === undefined ? '' : `${loaded.kid}\n`)
    },
  )

  it.each([
    ['ES384', 'es384-2026.jwk', 'es384-2026.pub.jwk'],
    ['HS256', 'hs256-2026.jwk'],
  ])('makes a JWK of %s, with a kid that was asked for', async (alg, ...names) => {
    const args = [alg, '--format', 'jwk', '--kid', '2026', '--out', 'a/b']
    const { cwd, code, stdout, stderr } = await keygen(args)
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '2026\n' })
    expect((await loadOffered(stderr))?.kid).toBe('2026')
    expect(Object.keys(await modesIn(`${cwd}/a/b`))).toEqual(names)
  })

  it('takes its flags from the environment, too', async () => {
    const { cwd, code, stderr } = await keygen(['PS256'], {
      COUNTERSIGN_KEYGEN_OUT: 'here',
      COUNTERSIGN_KEYGEN_KID: 'k.1',
      COUNTERSIGN_KEYGEN_BITS: '2304',
    })
    expect(code, stderr).toBe(0)
    const key = createPublicKey(await readFile(`${cwd}/here/ps256-k.1.pub.pem`))
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2304)
  })

  it('makes a secret of as many random bytes as asked for', async () => {
    const { cwd } = await keygen(['HS256', '--secret-bytes', '48'])
    const text = await readFile(`${cwd}/keys/hs256.secret`, 'utf8')
    expect(text).toMatch(/^[\w-]{64}$/)
  })

  it.each(['0000', '0077'])('gives files and folder their modes under umask %s', async (umask) => {
    const { path: cwd } = await tempFolder()
    const shell = ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh'] as const
    const command = [...shell, process.execPath, 'bin/countersign.js'] as const
    const args = [...NAMED, '--out', `${cwd}/keys`]
    const { code, stderr } = await runCountersign(args, { command })
    expect(code, stderr).toBe(0)
    expect(await modesIn(cwd)).toEqual({ keys: '700' })
    expect(await modesIn(`${cwd}/keys`)).toEqual({ 'es256-k.pem': '600', 'es256-k.pub.pem': '644' })
  })

  it.each([
    ['the private file', 'es256-k.pem'],
    ['the public file', 'es256-k.pub.pem'],
  ])('ends with 1 and changes nothing when %s is there', async (_what, name) => {
    const { path: cwd } = await tempFolder({ [`keys/${name}`]: 'mine' })
    const { code, stdout, stderr } = await runCountersign(NAMED, { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^nothing was written: \S+ is there already\n$/)
    expect(await readdir(`${cwd}/keys`)).toEqual([name])
    expect(await readFile(`${cwd}/keys/${name}`, 'utf8')).toBe('mine')
  })

  it('follows no symbolic link, not even one to nowhere', async () => {
    const { path: cwd } = await tempFolder()
    await mkdir(`${cwd}/keys`)
    await symlink(`${cwd}/elsewhere`, `${cwd}/keys/es256-k.pem`)
    expect((await runCountersign(NAMED, { cwd })).code).toBe(1)
    expect(await readdir(cwd)).toEqual(['keys'])
    expect((await lstat(`${cwd}/keys/es256-k.pem`)).isSymbolicLink()).toBe(true)
  })

  it.each([
    { alg: 'ES256', format: 'pem', name: 'es256-k.pem' },
    { alg: 'RS256', format: 'jwk', name: 'rs256-k.jwk' },
    { alg: 'HS256', format: 'pem', name: 'hs256-k.secret' },
  ])('shows no byte of $name', async ({ alg, format, name }) => {
    const { cwd, stdout, stderr } = await keygen([alg, '--kid', 'k', '--format', format])
    const secrets = (await readFile(`${cwd}/keys/${name}`, 'utf8')).match(/[\w+/-]{30,}/g) ?? []
    expect(secrets.length).toBeGreaterThan(0)
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
  })

  it.each([
    { args: [], says: "missing required argument 'algorithm'" },
    { args: ['ES257'], says: 'Allowed choices are HS256' },
    { args: ['ES256', '--bits', '2048'], says: 'expected no bits' },
    { args: ['HS512', '--secret-bytes', '63'], says: 'expected a secret of 64 to 1024 bytes' },
    { args: ['ES256', '--kid', '../k'], says: 'expected 1 to 128 letters' },
    { args: ['ES256', '--kid', '.k'], says: 'no dot first' },
    { args: ['ES256', '--kid', 'omit'], says: 'is a rule, not a name' },
    { args: ['ES256', '--out', '/dev/null/keys'], says: 'ENOTDIR' },
  ])('ends $args with 2 and says "$says"', async ({ args, says }) => {
    const { cwd, code, stdout, stderr } = await keygen(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(await readdir(cwd)).toEqual([])
  })
})
