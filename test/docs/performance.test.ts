import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { OPTIONS } from '../../bench/flags.ts'
import { DEBIAN_PACKAGES } from '../../bench/missing.ts'
import { SCENARIOS } from '../../bench/scenarios.ts'

const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8')

describe('docs/performance.md', () => {
  it('has a place for each scenario, in the order in which they run', () => {
    const headings = [...page.matchAll(/^### (\S+)\n\n<!-- bench:(\S+) -->$/gm)]
    const names = SCENARIOS.map(({ name }) => name)
    expect(headings.map(([, heading]) => heading)).toEqual(names)
    expect(headings.map(([, , block]) => block)).toEqual(names)
  })

  it('tells of each flag', () => {
    const flags = [...page.matchAll(/^\| `--([a-z]+)[^`]*` \|/gm)].map(([, flag]) => flag)
    expect(flags.sort()).toEqual(Object.keys(OPTIONS).sort())
  })

  it('names each Debian package that a run may look for', () => {
    const [, packages = ''] = /apt-get install --no-install-recommends (.*?)`/.exec(page) ?? []
    expect(packages.split(' ').sort()).toEqual(
      DEBIAN_PACKAGES.filter((name) => name !== 'util-linux').sort(),
    )
  })
})
