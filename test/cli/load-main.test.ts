import { rmSync, utimesSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCountersign } from '../support/process.ts'
import { type TempFolder, tempFolder } from '../support/temp-folder.ts'

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url))

const FILES = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{}',
  'src/cli/main.ts': 'export const main = async (): Promise<void> => console.log("sources")\n',
  'src/other.ts': '',
  'dist/cli/main.cjs': 'exports.main = async () => console.log("built")\n',
}

/** A project whose `dist` is what its `src` was built to. */
async function builtProject(): Promise<TempFolder> {
  const folder = await tempFolder(FILES)
  await cp(BIN, `${folder.path}/bin`, { recursive: true })
  const state = `import { BUILT_FROM, sourceState } from './bin/source-state.js'
import { writeFileSync } from 'node:fs'
writeFileSync(BUILT_FROM, sourceState(new URL('./', import.meta.url)))
`
  await folder.write('state.js', state)
  const command = [process.execPath, 'state.js'] as const
  expect(await runCountersign([], { command, cwd: folder.path })).toMatchObject({ code: 0 })
  return folder
}

async function whatRuns({ path }: TempFolder): Promise<string> {
  const command = [process.execPath, 'bin/countersign.js'] as const
  return (await runCountersign([], { command, cwd: path })).stdout.trim()
}

describe('the command line', () => {
  it('of a clone runs what was built of its sources', async () => {
    expect(await whatRuns(await builtProject())).toBe('built')
  })

  it.each<[string, (folder: TempFolder) => unknown]>([
    ['a source has changed', ({ write }) => write('src/other.ts', 'export const more = 1\n')],
    [
      'a source is older than what was built',
      ({ path }) => utimesSync(`${path}/src/other.ts`, 1, 1),
    ],
    ['a source is new', ({ write }) => write('src/new.ts', '')],
    ['a source is gone', ({ path }) => rmSync(`${path}/src/other.ts`)],
    ['other dependencies are locked', ({ write }) => write('package-lock.json', '{ }')],
    ['nothing says what it was built of', ({ path }) => rmSync(`${path}/dist/cli/built-from`)],
    ['nothing was built', ({ path }) => rmSync(`${path}/dist`, { recursive: true })],
  ])('of a clone runs its sources when %s', async (_when, change) => {
    const folder = await builtProject()
    await change(folder)
    expect(await whatRuns(folder)).toBe('sources')
  })

  it('of a package, which has no sources, runs what was built', async () => {
    const folder = await builtProject()
    rmSync(`${folder.path}/src`, { recursive: true })
    rmSync(`${folder.path}/package-lock.json`)
    expect(await whatRuns(folder)).toBe('built')
  })
})
