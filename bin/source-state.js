import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where a build says what it was made of, from the root of the project. */
export const BUILT_FROM = 'dist/cli/built-from'

/**
 * What tells one state of a clone's sources from another: a digest of the names, sizes and times of change of all
 * below `src`, and of the lock file. Undefined in a package, which has no sources.
 *
 * @param {URL} root folder of the project, ends in a slash
 * @returns {string | undefined}
 */
export function sourceState(root) {
  const folder = fileURLToPath(root)
  const names = list(`${folder}src`)
  if (names === undefined) return undefined
  const lines = [...names.map((name) => `src/${name}`), 'package-lock.json'].sort().map((name) => {
    const { size, mtimeMs } = statSync(`${folder}${name}`)
    return `${name} ${size} ${mtimeMs}`
  })
  // an import would evaluate what the module makes only when asked for, here and in each verb
  return process.getBuiltinModule('node:crypto').hash('sha256', lines.join('\n'))
}

function list(folder) {
  try {
    return readdirSync(folder, { recursive: true })
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
