import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-direction-'))
  await cp(join(root, 'biome.json'), join(folder, 'biome.json'))
  await cp(join(root, '.gitignore'), join(folder, '.gitignore'))
  await mkdir(join(folder, '.git'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

const RESTRICTED = 'lint/style/noRestrictedImports'

interface Finding {
  readonly category: string
  readonly location: { readonly path: string }
}

/** Writes a file of `src` with this one import. */
async function write(file: string, specifier: string): Promise<void> {
  const path = join(folder, 'src', file)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `import { x } from '${specifier}'\n\nexport const y = x\n`)
}

/** What is found in these files of `src`, which are removed then. */
async function lint(files: readonly string[]): Promise<readonly Finding[]> {
  const paths = files.map((file) => join(folder, 'src', file))
  const biome = join(root, 'node_modules/.bin/biome')
  const { promise, resolve } = Promise.withResolvers<string>()
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', ...paths]
  execFile(biome, args, { cwd: folder }, (_error, stdout) => resolve(stdout))
  const { diagnostics } = JSON.parse(await promise) as { diagnostics: readonly Finding[] }
  for (const path of paths) await rm(path)
  return diagnostics
}

/** Rules that a file of `src` with this one import breaks. */
async function rulesBroken(file: string, specifier: string): Promise<string[]> {
  await write(file, specifier)
  return (await lint([file])).map(({ category }) => category)
}

/** Those of the files that may not import it. */
async function restricted(
  files: readonly string[],
  specifier: string,
): Promise<ReadonlySet<string>> {
  for (const file of files) await write(file, specifier)
  const found = await lint(files)
  return new Set(
    found
      .filter(({ category }) => category === RESTRICTED)
      .map(({ location }) => location.path.replace(/^.*?src\//, '')),
  )
}

it.each([
  // rooms
  ['keys/x.ts', '../http/index.ts'],
  ['keys/sources/x.ts', '../../claims/index.ts'],
  ['http/x.ts', '../inject/index.ts'],
  ['inject/x.ts', '../http/index.ts'],
  ['claims/x.ts', '../keys/index.ts'],
  ['expression/x.ts', '../claims/index.ts'],
  ['expression/functions/x.ts', '../../http/index.ts'],
  ['cache/x.ts', '../credentials/index.ts'],
  ['match/x.ts', '../http/index.ts'],
  ['authenticate/x.ts', '../claims/index.ts'],
  ['authenticate/jwt/x.ts', '../../config/index.ts'],
  ['credentials/x.ts', '../config/index.ts'],
  ['config/x.ts', '../hosts/index.ts'],
  ['config/yaml/x.ts', '../../http/index.ts'],
  ['config/yaml/x.ts', '../load.ts'],
  ['config/schema-faults/x.ts', '../yaml/document.ts'],
  ['config/flex/x.ts', '../../keys/index.ts'],
  ['config/flex/x.ts', '../yaml/document.ts'],
  ['forward/x.ts', '../config/index.ts'],
  ['hosts/x.ts', '../keys/index.ts'],
  ['hosts/x.ts', '../cli/main.ts'],
  ['hosts/express/x.ts', '../../keys/index.ts'],
  ['admin/x.ts', '../hosts/index.ts'],
  ['echo/x.ts', '../http/index.ts'],
  ['cli/x.ts', '../http/index.ts'],
  ['import/x.ts', '../hosts/index.ts'],
  ['import/flex/x.ts', '../../config/load.ts'],
  // past an index
  ['credentials/x.ts', '../keys/load-key.ts'],
  ['cli/x.ts', '../config/load.ts'],
  ['config/x.ts', './yaml/document.ts'],
  ['config/x.ts', './flex/x.ts'],
  ['config/x.ts', '../authenticate/admission.ts'],
  ['gateway.ts', './match/match-index.ts'],
  ['config/x.ts', './schema-faults/shape-fault.ts'],
  ['index.ts', './hosts/express.ts'],
  // files at the root
  ['types.ts', './keys/index.ts'],
  ['kind.ts', './gateway.ts'],
  ['compiled.ts', './leftover-keys.ts'],
  ['gateway.ts', './config/index.ts'],
  ['observe.ts', './log.ts'],
  ['decision.ts', './config/index.ts'],
  ['decision.ts', './gateway.ts'],
  ['decision.ts', './authenticate/index.ts'],
  ['plan.ts', './gateway.ts'],
  ['admission.ts', './authenticate/index.ts'],
  ['metrics.ts', './log.ts'],
  ['metrics/x.ts', '../log.ts'],
  ['log/x.ts', '../metrics.ts'],
  ['cli/x.ts', '../log/x.ts'],
  ['cli/x.ts', '../metrics/x.ts'],
  ['log.ts', './config/index.ts'],
  ['keys/x.ts', '../decision.ts'],
  ['keys/x.ts', '../log.ts'],
  ['http/x.ts', '../observe.ts'],
  ['cli/x.ts', '../decision.ts'],
])('refuses that src/%s imports %s', async (file, specifier) => {
  expect(await rulesBroken(file, specifier)).toContain(RESTRICTED)
})

/** The owners of each package outside of the repository: where it may be imported, by folder or file. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  '@prometheus-io/client': ['metrics.ts', 'metrics/x.ts'],
  bcrypt: ['authenticate/x.ts'],
  cockatiel: ['keys/x.ts', 'keys/sources/x.ts'],
  commander: ['cli/x.ts'],
  'fastest-levenshtein': ['nearest.ts'],
  jose: ['keys/x.ts', 'keys/sources/x.ts'],
  jsonata: ['expression/x.ts', 'expression/functions/x.ts'],
  'lru-cache': ['authenticate/x.ts', 'cache/x.ts', 'echo/x.ts'],
  'node-forge': ['keys/x.ts', 'keys/sources/x.ts'],
  pino: ['log.ts'],
  re2js: ['expression/x.ts', 'expression/functions/x.ts'],
  undici: ['forward/x.ts', 'keys/x.ts', 'keys/sources/x.ts'],
  yaml: ['config/yaml/x.ts'],
  // optional
  pkcs11js: ['keys/x.ts', 'keys/sources/x.ts'],
}
const PLACES = [
  ...[
    'admin/x.ts',
    'admission.ts',
    'authenticate/x.ts',
    'authenticate/jwt/x.ts',
    'cache/x.ts',
    'claims/x.ts',
    'cli/x.ts',
    'config/x.ts',
    'config/yaml/x.ts',
  ],
  ...[
    'config/flex/x.ts',
    'config/schema-faults/x.ts',
    'credentials/x.ts',
    'decision.ts',
    'echo/x.ts',
  ],
  ...['expression/x.ts', 'expression/functions/x.ts', 'forward/x.ts', 'gateway.ts', 'hosts/x.ts'],
  ...[
    'hosts/express/x.ts',
    'http/x.ts',
    'import/x.ts',
    'import/flex/x.ts',
    'inject/x.ts',
    'keys/x.ts',
    'keys/sources/x.ts',
    'log.ts',
    'log/x.ts',
  ],
  ...['match/x.ts', 'metrics.ts', 'metrics/x.ts'],
  ...['nearest.ts', 'types.ts'],
]

it('gives every dependency but zod an owner', () => {
  const text = readFileSync(join(root, 'package.json'), 'utf8')
  const { dependencies, optionalDependencies } = JSON.parse(text)
  const names = Object.keys({ ...dependencies, ...optionalDependencies })
  expect(Object.keys(OWNERS)).toEqual(names.filter((name) => name !== 'zod'))
})

it.each(Object.entries(OWNERS))('lets nobody but its owner import %s', async (name, owners) => {
  const found = await restricted(PLACES, name)
  expect(PLACES.filter((place) => !found.has(place)).sort()).toEqual([...owners].sort())
})

it('refuses that two files import each other', async () => {
  await write('http/a.ts', './b.ts')
  await write('http/b.ts', './a.ts')
  const found = await lint(['http/a.ts', 'http/b.ts'])
  expect(found.map(({ category }) => category)).toContain('lint/suspicious/noImportCycles')
})

it.each([
  ['keys/x.ts', '../types.ts'],
  ['keys/sources/x.ts', '../../errors.ts'],
  ['keys/sources/x.ts', '../pem.ts'],
  ['keys/x.ts', './sources/env.ts'],
  ['keys/x.ts', 'node:crypto'],
  ['keys/x.ts', 'node:fs/promises'],
  ['inject/x.ts', 'zod'],
  ['inject/x.ts', '../header-name.ts'],
  ['credentials/x.ts', '../keys/index.ts'],
  ['config/x.ts', './yaml/index.ts'],
  ['config/x.ts', '../address.ts'],
  ['config/yaml/x.ts', '../diagnostic.ts'],
  ['config/schema-faults/x.ts', '../../nearest.ts'],
  ['hosts/x.ts', '../decision.ts'],
  ['hosts/express/x.ts', '../answer-problem.ts'],
  ['import/flex/x.ts', '../imported.ts'],
  ['cli/x.ts', '../import/index.ts'],
  ['cli/x.ts', '../address.ts'],
  ['cli/x.ts', '../config/index.ts'],
  ['index.ts', './config/index.ts'],
  ['decision.ts', './http/index.ts'],
  ['decision.ts', './plan.ts'],
  ['hosts/x.ts', '../plan.ts'],
  ['metrics.ts', './metrics/x.ts'],
  ['metrics/x.ts', '../observe.ts'],
])('lets src/%s import %s', async (file, specifier) => {
  expect(await rulesBroken(file, specifier)).not.toContain(RESTRICTED)
})
