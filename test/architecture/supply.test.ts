import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly hasInstallScript?: boolean
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
}

const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as { readonly packages: Readonly<Record<string, LockedPackage>> }
const installed = Object.entries(packages).filter(([path]) => path !== '')

/** What a package may run while it is installed; the image is built with none of it. */
const MAY_RUN = new Map([
  ['node_modules/bcrypt', 'looks for its prebuilt addon, and compiles it where there is none'],
  ['node_modules/pkcs11js', 'compiles its addon; optional'],
  ['node_modules/node', 'puts the development Node in its place; not in the image'],
])

it('runs no script of a dependency on installation but those that are known', () => {
  const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripts.map(([path]) => path).toSorted()).toEqual([...MAY_RUN.keys()].toSorted())
})

it('pins each package by the digest of its content', () => {
  const loose = installed.filter(([, { integrity, link, inBundle }]) => {
    return !link && !inBundle && !/^sha512-/.test(integrity ?? '')
  })
  expect(loose.map(([path]) => path)).toEqual([])
})

it('takes packages from a registry over TLS, never from a folder or a repository', () => {
  const foreign = installed.filter(([, { resolved, link, inBundle }]) => {
    return !link && !inBundle && resolved !== undefined && !resolved.startsWith('https://')
  })
  expect(foreign.map(([path]) => path)).toEqual([])
})

it('builds the image without scripts of dependencies, from the lock file', () => {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const installs = dockerfile.match(/^RUN npm .*$/gm) ?? []
  expect(installs).toHaveLength(2)
  for (const line of installs) expect(line).toMatch(/^RUN npm ci .*--ignore-scripts/)
})
