import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { BUILT_FROM, sourceState } from './source-state.js'

/**
 * The module of the command line. A package has only what was built; a clone runs that too while it is what its
 * sources are, which starts in half the time, and else its sources as they are.
 *
 * @returns {Promise<{ main(argv: readonly string[]): Promise<void> }>}
 */
export async function loadMain() {
  const root = new URL('../', import.meta.url)
  const state = sourceState(root)
  if (state !== undefined && state !== builtFrom(root)) return import('../src/cli/main.ts')
  return createRequire(import.meta.url)('../dist/cli/main.cjs')
}

function builtFrom(root) {
  try {
    return readFileSync(new URL(BUILT_FROM, root), 'utf8').trim()
  } catch {
    return undefined
  }
}
