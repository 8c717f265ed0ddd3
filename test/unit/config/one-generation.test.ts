import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../../src/config/load.ts'
import type { Loaded, LoadOptions } from '../../../src/config/read-once.ts'
import { type Environment, systemEnvironment, withReadFile } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

type Files = (version: number) => Readonly<Record<string, string>>

/** A mount as Kubernetes makes it: its files are links through `..data`, which is swapped for another folder. */
async function mount(files: Files) {
  const { path: root } = await tempFolder()
  let version = 0
  const write = () => {
    version += 1
    for (const [name, content] of Object.entries(files(version))) {
      mkdirSync(join(root, `..v${version}`), { recursive: true })
      writeFileSync(join(root, `..v${version}`, name), content)
    }
    symlinkSync(`..v${version}`, join(root, '..data_tmp'))
    renameSync(join(root, '..data_tmp'), join(root, '..data'))
  }
  write()
  for (const name of Object.keys(files(1))) symlinkSync(`..data/${name}`, join(root, name))
  return {
    root,
    /** Swaps in the next version; the folder of the one before is gone then. */
    swap() {
      write()
      rmSync(join(root, `..v${version - 1}`), { recursive: true })
    },
  }
}

const keys = Array.from({ length: 80 }, () => hmacSecret())
const key = (version: number) => keys[version] as string
const jwt = (version: number, source: string) => `jwt: { exp: 60, iss: v${version}, ${source} }\n`
const own = 'signingMethod: HS256, kid: K, privateKey: { file: key.txt }'
const UPSTREAM = 'http://127.0.0.1:1'

/** Policy and key in one mount. */
const together: Files = (version) => ({
  'p.yaml': `name: p\n${jwt(version, own.replace('K', `k${version}`))}`,
  'key.txt': key(version),
})
/** All that may stand beside each other: the gateway file, its account, its policy and its key. */
const withGateway: Files = (version) => ({
  'countersign.yaml': `policies: p.yaml
routes: [{ name: r, upstream: "${UPSTREAM}" }]
accounts: { erp: { ${own.replace('K', `k${version}`)} } }
`,
  'p.yaml': `name: p\n${jwt(version, 'account: erp')}`,
  'key.txt': key(version),
})

/** The version that policy, key id and key of the token are of; rejects when they are of several. */
async function versionOf({ compiled, diagnostics }: Loaded): Promise<number> {
  expect(diagnostics.filter(({ severity }) => severity !== 'notice')).toEqual([])
  const { patches = [] } = (await compiled?.policies[0]?.evaluate(requestContext())) ?? {}
  const set = patches.flatMap(({ setHeaders = {} }) => Object.values(setHeaders))
  const token = set[0]?.reveal().replace('Bearer ', '') ?? ''
  const version = Number(decodeJwt(token).iss?.slice(1))
  expect(decodeProtectedHeader(token).kid).toBe(`k${version}`)
  await jwtVerify(token, new TextEncoder().encode(key(version)), { algorithms: ['HS256'] })
  return version
}

/** An environment that does something before each reading of a file. */
function atEachReading(act: (path: string) => void): Environment {
  const system = systemEnvironment()
  return withReadFile(system, (path, limit) => {
    act(path)
    return system.readFile(path, limit)
  })
}

describe.each<[string, Files, (root: string) => LoadOptions]>([
  ['policy and key', together, (root) => ({ policies: root, upstream: UPSTREAM })],
  [
    'a policy alone and its key',
    together,
    (root) => ({ policies: join(root, 'p.yaml'), upstream: UPSTREAM }),
  ],
  [
    'gateway file, account, policy and key',
    withGateway,
    (root) => ({ config: join(root, 'countersign.yaml') }),
  ],
])('%s in one mount', (_, files, options) => {
  it.each(Object.keys(files(1)))(
    'are of one version when it is swapped before %s is read',
    async (name) => {
      const { root, swap } = await mount(files)
      let isSwapped = false
      const environment = atEachReading((path) => {
        if (!isSwapped && path.endsWith(name)) {
          isSwapped = true
          swap()
        }
      })
      expect(await versionOf(await loadConfiguration(options(root), environment))).toBe(2)
      expect(isSwapped).toBe(true)
    },
  )

  it('are of one version through 50 swaps at any moment', async () => {
    const { root, swap } = await mount(files)
    let swaps = 0
    let reads = 0
    const environment = atEachReading(() => {
      reads += 1
      if (swaps < 50 && reads % 7 < 2) {
        swaps += 1
        swap()
      }
    })
    const versions: number[] = []
    while (swaps < 50) {
      versions.push(await versionOf(await loadConfiguration(options(root), environment)))
    }
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(versions.length).toBeGreaterThan(5)
  })
})

it('refuses files that are swapped at every reading', async () => {
  const { root, swap } = await mount(together)
  const loading = loadConfiguration({ policies: root, upstream: UPSTREAM }, atEachReading(swap))
  await expect(loading).rejects.toMatchObject({ name: 'UnreadableError', code: 'EBUSY' })
})
