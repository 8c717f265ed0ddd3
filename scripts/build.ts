import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { schemaText } from '../src/cli/schema.ts'

// Builds the package: `dist/` from `src/`, and the JSON Schema that editors read.
const root = new URL('../', import.meta.url)
rmSync(new URL('dist', root), { recursive: true, force: true })
execFileSync(fileURLToPath(new URL('node_modules/.bin/tsc', root)), ['-p', 'tsconfig.build.json'], {
  cwd: fileURLToPath(root),
  stdio: 'inherit',
})
writeFileSync(new URL('schema.json', root), schemaText('policy'))
