import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is removed when the test that made it has finished. */
export interface TempFolder {
  /** Absolute path. */
  readonly path: string
  /** Writes a file, by default for its owner alone, making the folders on its way; gives its absolute path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>
  /** Removes the folder now; for folders made outside a test, in `beforeAll`. */
  remove(): Promise<void>
}

/**
 * Makes a folder with these files, by relative name, in the system's place for temporary files.
 * Inside a test it goes by itself; elsewhere call `remove()`.
 */
export async function tempFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-'))
  const folder: TempFolder = {
    path,
    async write(name, content, mode = 0o600) {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content, { mode })
      return file
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
  removeAfterTest(folder)
  for (const [name, content] of Object.entries(files)) await folder.write(name, content)
  return folder
}

function removeAfterTest(folder: TempFolder): void {
  try {
    onTestFinished(folder.remove)
  } catch {
    // Made outside a test, where vitest refuses the hook: the caller removes it.
  }
}
