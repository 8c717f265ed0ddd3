import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { tempFolder } from '../support/temp-folder.ts'

const { readFile, permissions } = systemEnvironment()

describe('a file', () => {
  it('is read as it is, up to the limit', async () => {
    const folder = await tempFolder({ 'a.bin': Buffer.alloc(200_000, 7) })
    expect(await readFile(join(folder.path, 'a.bin'))).toEqual(Buffer.alloc(200_000, 7))
    expect(await readFile(join(folder.path, 'a.bin'), 200_000)).toHaveLength(200_000)
  })

  it('may be empty', async () => {
    const folder = await tempFolder({ empty: '' })
    expect(await readFile(join(folder.path, 'empty'), 0)).toHaveLength(0)
  })

  it('is read although it says that it is empty, as those of the kernel do', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has /proc')
    expect((await readFile('/proc/self/status')).toString()).toMatch(/^Name:/)
    await expect(readFile('/proc/self/status', 10)).rejects.toMatchObject({ code: 'EFBIG' })
  })

  it.each([
    ['is read again until it stays as it is', 30],
    ['is refused when that never ends', Number.POSITIVE_INFINITY],
  ])('that is being written %s', async (_what, writes) => {
    const folder = await tempFolder({ growing: Buffer.alloc(8 * 1024 * 1024, 'a') })
    const path = join(folder.path, 'growing')
    let written = 0
    const writing = setInterval(() => {
      if (written < writes) appendFileSync(path, 'b')
      written += 1
    }, 1)
    onTestFinished(() => clearInterval(writing))
    const reading = readFile(path)
    if (Number.isFinite(writes)) expect((await reading).length).toBe(8 * 1024 * 1024 + writes)
    else await expect(reading).rejects.toMatchObject({ code: 'EBUSY' })
  })

  it.each([
    ['a file that is not there', 'none', 'ENOENT'],
    ['a file over the limit', 'large', 'EFBIG'],
    ['a folder', '.', 'EISDIR'],
    ['a pipe, without waiting for its writer', 'pipe', 'ENOTREG'],
  ])('is not %s', async (_what, name, code) => {
    const folder = await tempFolder({ large: 'x'.repeat(11) })
    execFileSync('mkfifo', [join(folder.path, 'pipe')])
    await expect(readFile(join(folder.path, name), 10)).rejects.toMatchObject({ code })
  })
})

describe('who may use a file', () => {
  it('is told by its mode and its owner, links followed', async () => {
    const folder = await tempFolder()
    const path = await folder.write('key', 'x', 0o640)
    symlinkSync('key', join(folder.path, 'link'))
    const expected = { mode: 0o640, isOwn: true, isMounted: false }
    expect(await permissions(path)).toEqual(expected)
    expect(await permissions(join(folder.path, 'link'))).toEqual(expected)
  })

  it('is told of the file of a Kubernetes volume as such', async () => {
    const folder = await tempFolder({ '..1/key': 'x' })
    symlinkSync('..1', join(folder.path, '..data'))
    symlinkSync('..data/key', join(folder.path, 'key'))
    expect(await permissions(join(folder.path, 'key'))).toMatchObject({ isMounted: true })
  })

  it('is not told of a file that is not there', async () => {
    await expect(permissions('/nowhere')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

it('knows how many descriptors this process may have open', ({ skip }) => {
  const soft = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout.trim()
  skip(!/^\d+$/.test(soft), 'the system has no limit')
  expect(systemEnvironment().descriptorLimit()).toBe(Number(soft))
})

describe('the size of the thread pool', () => {
  const program = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { stat } from 'node:fs/promises'
    const { threadPoolSize } = await import(process.argv[1])
    await stat('/')
    const threads = readdirSync('/proc/self/task').filter((thread) =>
      readFileSync('/proc/self/task/' + thread + '/comm', 'utf8').startsWith('libuv-worker'))
    console.log(JSON.stringify([threadPoolSize(), threads.length]))`
  const module = new URL('../../src/environment.ts', import.meta.url).href

  it
    .runIf(existsSync('/proc/self/task'))
    .each([undefined, '1', '7', '0', 'many', '3.9', '-1', '2000'])(
    'is the one that libuv makes of %s',
    (written) => {
      const env = { PATH: process.env.PATH, UV_THREADPOOL_SIZE: written }
      const args = ['--input-type=module', '--eval', program, module]
      const [size, threads] = JSON.parse(
        execFileSync(process.execPath, args, { env, encoding: 'utf8' }),
      )
      expect(size).toBe(threads)
    },
  )
})
