import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tableRows } from './rows.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Ids of the threat catalogue, and of the reliability goals. */
const CATALOGUE = [...ids('T', 136, 3), ...ids('R', 31, 1)]

function ids(letter: string, count: number, digits: number): string[] {
  return Array.from({ length: count }, (_, index) => letter + `${index + 1}`.padStart(digits, '0'))
}

/** Every id that the title of a test, or of a row in a table of tests, begins with, and the files. */
function tested(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const file of globSync('test/**/*.ts', { cwd: ROOT })) {
    if (file.startsWith('test/docs/')) continue
    const text = readFileSync(ROOT + file, 'utf8')
    for (const [, list = ''] of text.matchAll(
      /['"`]((?:T\d{3}|R\d{1,2})(?: (?:T\d{3}|R\d{1,2}))*)(?=[ '"`])/g,
    )) {
      for (const id of list.split(' ')) found.set(id, [...(found.get(id) ?? []), file])
    }
  }
  return found
}

const TESTED = tested()
const rows = tableRows('security.md', 'id')
const EXCEPTED = rows.flatMap(([cell = '']) => cell.split(', '))

describe('an entry of the threat catalogue or a reliability goal', () => {
  it.each(CATALOGUE)(
    '%s stands in the title of a test, or in the table of what does not apply',
    (id) => {
      const places = [
        ...(TESTED.has(id) ? ['tests'] : []),
        ...(EXCEPTED.includes(id) ? ['table'] : []),
      ]
      expect(places, [...new Set(TESTED.get(id))].join(', ')).toHaveLength(1)
    },
  )

  it('stands in the table with its reason, once', () => {
    expect(rows.filter(([, what = '', why = '']) => what === '' || why === '')).toEqual([])
    expect(EXCEPTED).toEqual([...new Set(EXCEPTED)])
  })

  it('is one that there is', () => {
    const named = [...TESTED.keys(), ...EXCEPTED]
    expect(named.filter((id) => !CATALOGUE.includes(id))).toEqual([])
  })
})

const reference = ['threats', 'reliability'].map((page) => `${ROOT}../shared/reference/${page}.md`)
const present = reference.every((path) => existsSync(path))
if (!present) process.stderr.write(`skipped: the comparison with ${reference.join(', ')}\n`)

it.skipIf(!present)('knows every entry that the reference has, and no other', () => {
  const text = reference.map((path) => readFileSync(path, 'utf8')).join('\n')
  const listed = [...text.matchAll(/^\| ([TR]\d{1,3}) \|/gm)].map(([, id]) => id)
  expect(listed.toSorted()).toEqual(CATALOGUE.toSorted())
})
