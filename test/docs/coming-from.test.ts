import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { isMap } from '../../src/is-map.ts'
import { tableRows } from './rows.ts'

const PAGE = readFileSync(new URL('../../docs/coming-from.md', import.meta.url), 'utf8')
const PROXY = new URL('../proxy/', import.meta.url)
const SOURCES = ['inbound-settings.test.ts', 'cached-token.test.ts'].map((name) =>
  readFileSync(new URL(name, PROXY), 'utf8'),
)
const GOLDEN = new URL('../policies/', import.meta.url)
const goldens: ReadonlySet<string> = new Set(readdirSync(GOLDEN))

const rows = tableRows('coming-from.md', 'setting').map(([setting = '', line = '', by = '']) => {
  const text = /^(`+)(.*)\1$/.exec(line)?.[2] ?? ''
  return { setting, text, line: parse(text) as unknown, by: by.replaceAll('`', '') }
})

/** What the test of a row loads and runs: policies and gateway file, as data. */
function run(by: string): unknown[] {
  if (!goldens.has(by)) {
    const [source, second] = SOURCES.filter((text) => text.includes(`'${by}'`))
    expect([source !== undefined, second]).toEqual([true, undefined])
    const policies = [...(source ?? '').matchAll(/^cache: (\{.*\})$|setup\('(\{.*\})'\)/gm)]
    const caches = policies.map(([, , cache = '{}']) => ({ cache: parse(cache) as unknown }))
    if (caches.length > 0) return caches
    return [parse(/```yaml\n(.*?)```/s.exec(PAGE)?.[1] ?? '')]
  }
  const { policy, gateway } = parse(readFileSync(new URL(by, GOLDEN), 'utf8'))
  const policies = parseAllDocuments(policy).map((document) => document.toJS())
  return gateway === undefined ? policies : [...policies, parse(gateway)]
}

/** True when every member of `part` stands in `whole`; the items of a list in any order. */
function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    const items = [whole].flat()
    return part.every((item) => items.some((found) => contains(found, item)))
  }
  if (!isMap(part)) return whole === part
  return isMap(whole) && Object.entries(part).every(([name, value]) => contains(whole[name], value))
}

it.each(rows)('shows "$setting" by a test that runs $text', ({ line, by }) => {
  expect(isMap(line)).toBe(true)
  expect(run(by).some((document) => contains(document, line))).toBe(true)
})
