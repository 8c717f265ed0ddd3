import { join } from 'node:path'
import { systemEnvironment } from '../../src/environment.ts'
import {
  type Diagnostic,
  formatDiagnostic,
  type LoadOptions,
  loadConfiguration,
} from '../../src/index.ts'
import { makeGoldenKeys } from '../support/golden-keys.ts'
import { createLeakScan } from '../support/leak-scan.ts'
import { tempFolder } from '../support/temp-folder.ts'
import type { FuzzTarget } from './fuzz-kind.ts'

/** Loads texts as one file of a folder that has keys, all of them canaries; `options` says what is loaded. */
export async function startLoading(
  name: string,
  options: (folder: string) => LoadOptions,
  others: Readonly<Record<string, string>> = {},
): Promise<FuzzTarget<string>> {
  const keys = makeGoldenKeys()
  const scan = createLeakScan()
  for (const [file, text] of Object.entries({ ...keys.files, ...keys.variables })) {
    const content = Buffer.from(text)
    // what is public, or so short that the name of a file may hold it
    if (!/\.pub\.|\.crt|PUB|CRT/.test(file) && content.length >= 40)
      scan.hide(file, innermost(content))
  }
  const folder = await tempFolder({
    ...Object.fromEntries(Object.entries(keys.files).map(([file, text]) => [`keys/${file}`, text])),
    ...others,
  })
  const environment = {
    ...systemEnvironment(),
    variable: (variable: string) =>
      Object.hasOwn(keys.variables, variable) ? keys.variables[variable] : undefined,
  }
  return {
    async check(text) {
      await folder.write(name, Buffer.from(text, 'latin1'))
      const { compiled, diagnostics } = await loadConfiguration(options(folder.path), environment)
      for (const policy of compiled?.policies ?? []) policy.close()
      for (const diagnostic of diagnostics) checkPlace(diagnostic, folder.path)
      const leaks = scan.leaksIn(diagnostics.map((found) => formatDiagnostic(found)).join('\n'))
      if (leaks.length > 0) throw new Error(`told: ${leaks}`)
      const isWrong = diagnostics.some(({ severity }) => severity === 'error')
      if (isWrong === (compiled !== undefined)) throw new Error('expected an error or a result')
      return isWrong ? 'refused' : diagnostics.length > 0 ? 'warned about' : 'loaded'
    },
    close: folder.remove,
  }
}

/** Bytes out of the middle: what formats have in common stands at the beginning. */
function innermost(content: Buffer): Buffer {
  const half = Math.floor(content.length / 2)
  return content.subarray(half, half + 200)
}

function checkPlace({ file, line, column, rule, message }: Diagnostic, folder: string): void {
  const isPlace = file.startsWith(join(folder, '/')) || file === folder
  if (!isPlace || !(line >= 1) || !(column >= 1) || rule === '' || message === '') {
    throw new Error(`expected a place, found ${file}:${line}:${column} ${rule}`)
  }
}
