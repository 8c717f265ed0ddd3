import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url))

/**
 * Absolute path of a file or folder among the public test data beside the repository. Undefined, with a
 * line on stderr that says so, when it is not there: the tests that read it are then skipped.
 */
export function corpus(name: string): string | undefined {
  const path = FOLDER + name
  if (existsSync(path)) return path
  process.stderr.write(`skipped: the tests on ../shared/corpora/${name}, which is not there\n`)
  return undefined
}
