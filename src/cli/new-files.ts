import { mkdir, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Stop } from './stop.ts'

/** A file that is not there yet. */
export interface NewFile {
  readonly path: string
  readonly text: string
  /** Exactly this, whatever the umask says. */
  readonly mode: number
}

/**
 * Writes all of the files or none. What is there already, a symbolic link too, is left alone; folders on the way
 * are made for the owner only.
 */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = []
  for (const file of files) {
    try {
      await writeNew(file)
      written.push(file.path)
    } catch (error) {
      for (const path of written) await unlink(path)
      throw refusal(file.path, error)
    }
  }
}

async function writeNew({ path, text, mode }: NewFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, 'wx', mode)
  try {
    await handle.chmod(mode)
    await handle.writeFile(text)
  } catch (error) {
    await unlink(path)
    throw error
  } finally {
    await handle.close()
  }
}

function refusal(path: string, error: unknown): Stop {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return code === 'EEXIST'
    ? new Stop(1, `nothing was written: ${path} is there already`)
    : new Stop(2, `nothing was written: ${path} cannot be (${code})`)
}
