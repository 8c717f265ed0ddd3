import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type OutputBundle, rolldown } from 'rolldown'
import { schemaText } from '../src/cli/schema.ts'

// Builds the package: `dist/` from `src/`, and the JSON Schema that editors read.
const root = new URL('../', import.meta.url)
const folder = fileURLToPath(root)
const { BUILT_FROM, sourceState } = (await import(new URL('bin/source-state.js', root).href)) as {
  readonly BUILT_FROM: string
  sourceState(root: URL): string | undefined
}
// before anything is read: who edits meanwhile must not find his edit missing
const state = sourceState(root)
rmSync(new URL('dist', root), { recursive: true, force: true })
execFileSync(`${folder}node_modules/.bin/tsc`, ['-p', 'tsconfig.build.json'], {
  cwd: folder,
  stdio: 'inherit',
})
await bundleCommandLine()
writeFileSync(new URL(BUILT_FROM, root), `${state}\n`)
writeFileSync(new URL('schema.json', root), schemaText('policy'))

/**
 * A file for each verb and what several share, with what they use of the dependencies: finding and loading a thousand
 * modules takes longer than all that a start does. CommonJS, as an `import` of `node:http` evaluates its getters,
 * which load a WebSocket client, and one of `node:tls` all certificates of authorities.
 */
async function bundleCommandLine(): Promise<void> {
  const bundle = await rolldown({
    cwd: folder,
    input: { main: 'src/cli/main.ts' },
    platform: 'node',
    // these are machine code, found relative to where they lie
    external: ['bcrypt', 'pkcs11js'],
    plugins: [{ name: 'latin1', generateBundle: (_options, files) => latin1(files) }],
  })
  await bundle.write({
    dir: 'dist/cli',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // the source of what runs stays in memory
    comments: { legal: true, annotation: false, jsdoc: false },
  })
  await bundle.close()
}

/** One letter beyond Latin-1 would make V8 keep two bytes for each of a file. */
function latin1(files: OutputBundle): void {
  for (const file of Object.values(files)) {
    if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\xff]/g, escaped)
  }
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
