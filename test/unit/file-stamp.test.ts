import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type FileStamp, stampsOf } from '../../src/file-stamp.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Milliseconds after which the times of a file are no longer those of its next change. */
const SETTLED = 150

async function stampOf(path: string): Promise<FileStamp | undefined> {
  const [stamp] = await stampsOf([path])
  return stamp
}

describe('the stamp of a file', () => {
  it('is not given for a file that was changed just now', async () => {
    const { write } = await tempFolder()
    expect(await stampOf(await write('a', 'x'))).toBeUndefined()
  })

  it.each<[string, (path: string) => void]>([
    ['text of the same size', (path) => writeFileSync(path, 'y')],
    [
      'text of the same size and the time of before',
      (path) => {
        writeFileSync(path, 'y')
        utimesSync(path, 1, 1)
      },
    ],
    [
      'another file',
      (path) => {
        writeFileSync(`${path}-new`, 'y')
        renameSync(`${path}-new`, path)
      },
    ],
  ])('is another for %s', async (_, change) => {
    const { write } = await tempFolder()
    const path = await write('a', 'x')
    utimesSync(path, 1.001, 1.001)
    await setTimeout(SETTLED)
    const before = await stampOf(path)
    expect(before).toBeDefined()
    expect(await stampOf(path)).toEqual(before)
    change(path)
    expect(await stampOf(path)).toBeUndefined()
    await setTimeout(SETTLED)
    expect(await stampOf(path)).not.toEqual(before)
  })

  it('is not given for whole seconds, which the next change may have, too', async () => {
    const { write } = await tempFolder()
    const path = await write('a', 'x')
    utimesSync(path, 1, 1)
    await setTimeout(SETTLED)
    expect(await stampOf(path)).toBeUndefined()
  })

  it('is not given for what is no file, and for what is not there', async () => {
    const { path } = await tempFolder()
    mkdirSync(join(path, 'folder'))
    await setTimeout(SETTLED)
    expect(await stampsOf([join(path, 'folder'), join(path, 'none')])).toEqual([
      undefined,
      undefined,
    ])
  })

  it('is given in the order of the paths, for many at once', async () => {
    const { write } = await tempFolder()
    const paths = await Promise.all(
      Array.from({ length: 100 }, (_, index) => write(`${index}`, 'x')),
    )
    await setTimeout(SETTLED)
    const stamps = await stampsOf(paths)
    expect(new Set(stamps.map((stamp) => stamp?.ino)).size).toBe(100)
    expect(await stampsOf(paths.toReversed())).toEqual(stamps.toReversed())
    expect(await stampsOf([])).toEqual([])
  })
})
