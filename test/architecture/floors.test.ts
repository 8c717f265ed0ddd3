import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly hasInstallScript?: boolean
}

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const { packages } = read('package-lock.json') as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** Every copy in the tree, also those below other packages. */
const locked = Object.entries(packages).map(([path, entry]) => ({
  path,
  name: path.split('node_modules/').at(-1) ?? '',
  ...entry,
}))
const versionsOf = (wanted: string) =>
  locked.filter(({ name }) => name === wanted).map(({ version = '' }) => version)

/** The least version without a known hole, by line of releases where an older one got the mending, too. */
const FLOORS: Readonly<Record<string, readonly [first: string, ...others: string[]]>> = {
  'http-proxy-middleware': ['4.1.1'],
  jsonata: ['2.2.2'],
  jose: ['6.2.0'],
  undici: ['7.24.0', '6.24.0'],
  yaml: ['2.9.0'],
  'js-yaml': ['5.0.0'],
  qs: ['6.14.1'],
  'path-to-regexp': ['8.0.0', '0.1.13'],
}

describe('a dependency that had holes', () => {
  it.each(Object.entries(FLOORS))(
    '%s is locked at %j or later, each copy of it',
    (name, floors) => {
      expect(
        versionsOf(name).filter((version) => !floors.some((floor) => isPast(version, floor))),
      ).toEqual([])
    },
  )

  it.each(['http-proxy', 'prom-client'])('%s is not in the tree', (name) => {
    expect(versionsOf(name)).toEqual([])
  })

  it('the tree holds one library for metrics', () => {
    expect(versionsOf('@prometheus-io/client')).toHaveLength(1)
  })

  it.each([
    ['7.24.0', '7.24.0', true],
    ['8.1.0', '7.24.0', true],
    ['7.23.9', '7.24.0', false],
    ['6.25.0', '6.24.0', true],
    ['0.1.12', '0.1.13', false],
    ['7.0.0', '0.1.13', false],
  ])('of version %s and a floor of %s: %s', (version, floor, expected) => {
    expect(isPast(version, floor)).toBe(expected)
  })

  it('is one that the tree has', () => {
    const used = Object.keys(FLOORS).filter((name) => versionsOf(name).length > 0)
    expect(used).toEqual(
      expect.arrayContaining(['http-proxy-middleware', 'jsonata', 'jose', 'undici']),
    )
  })
})

it('the manifest asks for the Node of the floor', () => {
  expect(read('package.json').engines.node).toBe('^24.18.1 || >=26.5.1')
})

/** True from the floor on, in its line; the newest line, which is the first of a list, goes on with all after it. */
function isPast(version: string, floor: string): boolean {
  const [one, other] = [numbers(version), numbers(floor)]
  const isNewest = Object.values(FLOORS).some(([newest]) => newest === floor)
  if (!isNewest && one[0] !== other[0]) return false
  for (const [index, least] of other.entries()) {
    const part = one[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}

function numbers(version: string): number[] {
  return version.split('-', 1).join().split('.').map(Number)
}
