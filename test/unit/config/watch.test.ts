import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FileWatch, type WatchOptions, watchFiles } from '../../../src/config/watch.ts'
import { systemEnvironment, withReadFile } from '../../../src/environment.ts'

const DEBOUNCE = 20
/** How long what is gone is awaited. */
const PATIENCE = 60
let root: string
let running: FileWatch | undefined

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-watch-'))
  mkdirSync(join(root, 'p'))
  write('a.yaml', 'one')
})
afterEach(() => {
  running?.close()
  rmSync(root, { recursive: true, force: true })
})

function write(name: string, content: string) {
  writeFileSync(join(root, 'p', name), content)
}

const OPTIONS: WatchOptions = {
  environment: systemEnvironment(),
  debounce: DEBOUNCE,
  patience: PATIENCE,
  onError: (error) => expect.unreachable(String(error)),
}

async function start(onChange: () => void | Promise<void>, options: Partial<WatchOptions> = {}) {
  running = watchFiles(onChange, { ...OPTIONS, ...options })
  await running.keep(join(root, 'p'))
}

const quiet = () => sleep(DEBOUNCE * 10)

describe('a watch of a folder', () => {
  it.each<[string, () => void]>([
    ['a changed file', () => write('a.yaml', 'two')],
    ['a new file', () => write('b.yaml', 'new')],
    ['a removed file', () => rmSync(join(root, 'p/a.yaml'))],
    ['a renamed file', () => renameSync(join(root, 'p/a.yaml'), join(root, 'p/b.yaml'))],
    [
      'a file of a new folder',
      () => {
        mkdirSync(join(root, 'p/sub'))
        write('sub/b.yaml', 'new')
      },
    ],
  ])('tells of %s', async (_what, change) => {
    const onChange = vi.fn()
    await start(onChange)
    change()
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), 3000)
  })

  it('goes on to tell of files in a folder that came later', async () => {
    const onChange = vi.fn()
    await start(onChange)
    mkdirSync(join(root, 'p/sub'))
    await quiet()
    expect(onChange).not.toHaveBeenCalled()
    write('sub/b.yaml', 'new')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
  })

  it('tells once of many changes in a row', async () => {
    const onChange = vi.fn()
    await start(onChange)
    for (let i = 0; i < 50; i += 1) write(`${i}.yaml`, 'new')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), 3000)
    await quiet()
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it('tells of a file that came into an empty folder', async () => {
    const onChange = vi.fn()
    rmSync(join(root, 'p/a.yaml'))
    await start(onChange)
    write('b.yaml', 'new')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
  })

  it('tells of what differs from what was read before', async () => {
    const onChange = vi.fn()
    running = watchFiles(onChange, OPTIONS)
    await running.keep(join(root, 'p'), new Map([[join(root, 'p/a.yaml'), 'another digest']]))
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it('tells of a file elsewhere that was read, and no longer when it was not', async () => {
    const onChange = vi.fn()
    const key = join(root, 'key.pem')
    await start(onChange)
    await running?.keep(join(root, 'p'), new Map([[key, 'ENOENT']]))
    writeFileSync(key, 'one')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
    await running?.keep(join(root, 'p'), new Map())
    writeFileSync(key, 'two')
    await quiet()
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it('says nothing when the content is the same, or the file hidden', async () => {
    const onChange = vi.fn()
    await start(onChange)
    write('a.yaml', 'one')
    utimesSync(join(root, 'p/a.yaml'), 1, 1)
    write('.a.yaml.swp', 'x')
    await quiet()
    expect(onChange).not.toHaveBeenCalled()
  })

  it('tells of each swap of a Kubernetes mount, not of the first only', async () => {
    for (const generation of ['..1', '..2', '..3']) {
      mkdirSync(join(root, 'p', generation))
      write(`${generation}/k.yaml`, generation)
    }
    symlinkSync('..1', join(root, 'p/..data'))
    symlinkSync('..data/k.yaml', join(root, 'p/k.yaml'))
    const onChange = vi.fn()
    await start(onChange)
    for (const [index, generation] of ['..2', '..3'].entries()) {
      symlinkSync(generation, join(root, 'p/..data_tmp'))
      renameSync(join(root, 'p/..data_tmp'), join(root, 'p/..data'))
      await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(index + 1), 3000)
    }
  })

  it('tells when the folder goes, when it comes back, and of changes after that', async () => {
    const onChange = vi.fn()
    await start(onChange)
    rmSync(join(root, 'p'), { recursive: true })
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
    mkdirSync(join(root, 'new'))
    writeFileSync(join(root, 'new/a.yaml'), 'three')
    renameSync(join(root, 'new'), join(root, 'p'))
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 3000)
    write('a.yaml', 'four')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(3), 3000)
  })

  it('awaits a folder that is not there yet', async () => {
    const onChange = vi.fn()
    rmSync(join(root, 'p'), { recursive: true })
    await start(onChange)
    mkdirSync(join(root, 'p'))
    write('a.yaml', 'new')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), 3000)
  })

  it('never runs two handlers at once, and runs again for what changed meanwhile', async () => {
    let active = 0
    let most = 0
    let calls = 0
    await start(async () => {
      active += 1
      calls += 1
      most = Math.max(most, active)
      if (calls === 1) {
        write('a.yaml', 'during')
        await quiet()
      }
      active -= 1
    })
    write('a.yaml', 'two')
    await vi.waitFor(() => expect(calls).toBe(2), 3000)
    await quiet()
    expect({ calls, most }).toEqual({ calls: 2, most: 1 })
  })

  it('notices without an event, at the next poll', async () => {
    const onChange = vi.fn()
    // An event would be acted on only after the test.
    await start(onChange, { debounce: 60_000, poll: 30 })
    write('a.yaml', 'two')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
  })

  it('R7 says nothing of a file that is deleted and written anew', async () => {
    const onChange = vi.fn()
    write('b.yaml', 'one')
    await start(onChange, { patience: 60_000 })
    rmSync(join(root, 'p/a.yaml'))
    await quiet()
    write('a.yaml', 'one')
    await quiet()
    expect(onChange).not.toHaveBeenCalled()
    rmSync(join(root, 'p/a.yaml'))
    await quiet()
    write('a.yaml', 'two')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
  })

  it('tells of files that are gone with the next other change', async () => {
    const onChange = vi.fn()
    write('b.yaml', 'one')
    await start(onChange, { patience: 60_000 })
    rmSync(join(root, 'p/a.yaml'))
    await quiet()
    expect(onChange).not.toHaveBeenCalled()
    write('b.yaml', 'two')
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 3000)
  })

  it.each([
    ['awaits a file that is being written', 60_000, ['whole']],
    ['tells of a file that goes on being written, in the end', 0, ['EBUSY', 'whole']],
  ])('R7 %s', async (_what, patience, expected) => {
    let isWritten = true
    const read = OPTIONS.environment.readFile
    const environment = withReadFile(OPTIONS.environment, async (path, limit) => {
      const bytes = await read(path, limit)
      if (isWritten && bytes.toString() === 'two') {
        throw Object.assign(new Error('busy'), { code: 'EBUSY' })
      }
      return bytes
    })
    const told: string[] = []
    await start(() => void told.push(isWritten ? 'EBUSY' : 'whole'), { environment, patience })
    write('a.yaml', 'two')
    await quiet()
    isWritten = false
    write('b.yaml', 'an event')
    await vi.waitFor(() => expect(told).toEqual(expected), 3000)
  })

  it('passes on what the handler rejects with, and goes on', async () => {
    const errors: unknown[] = []
    const failure = new Error('no')
    let calls = 0
    await start(
      () => {
        calls += 1
        throw failure
      },
      { onError: (error) => errors.push(error) },
    )
    write('a.yaml', 'two')
    await vi.waitFor(() => expect(errors).toEqual([failure]), 3000)
    write('a.yaml', 'three')
    await vi.waitFor(() => expect(calls).toBe(2), 3000)
  })

  it('is silent once it is closed', async () => {
    const onChange = vi.fn()
    await start(onChange, { poll: 20 })
    write('a.yaml', 'two')
    running?.close()
    await quiet()
    expect(onChange).not.toHaveBeenCalled()
  })
})
