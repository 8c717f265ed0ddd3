import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseDocuments } from '../../../../src/config/yaml/document.ts'

interface Case {
  readonly id: string
  readonly name: string
  readonly yaml: string
  readonly error: boolean
  readonly docs: readonly unknown[] | null
}

const file = fileURLToPath(
  new URL('../../../../../shared/corpora/yaml/cases.json', import.meta.url),
)
const present = existsSync(file)
if (!present) console.log(`skipped: the YAML suite is not at ${file}`)
const cases: readonly Case[] = present ? JSON.parse(readFileSync(file, 'utf8')) : []

/** What we refuse although YAML 1.2 allows it, by the rules that say so. */
const STRICTER: Readonly<Record<string, readonly string[]>> = {
  // Anchors and aliases are not allowed: every other valid case of the corpus has one.
  ...Object.fromEntries(
    cases.filter(({ error }) => !error).map(({ id }): [string, string[]] => [id, ['yaml/alias']]),
  ),
  // Keys are text.
  '26DV': ['yaml/alias', 'yaml/key'],
  '6BFJ': ['yaml/alias', 'yaml/key'],
  E76Z: ['yaml/alias', 'yaml/key'],
  RZP5: ['yaml/alias', 'yaml/key'],
  // Only tags of the core schema, and no directive that renames them.
  C4HZ: ['yaml/alias', 'yaml/directive', 'yaml/tag'],
  CUP7: ['yaml/alias', 'yaml/tag'],
  UGM3: ['yaml/alias', 'yaml/tag'],
  // Two empty keys are the same key.
  '2JQS': ['yaml/duplicate-key'],
  X38W: ['yaml/alias', 'yaml/duplicate-key', 'yaml/key'],
}

/** What the suite refuses and we do not. */
const LAXER: Readonly<Record<string, string>> = {
  '9MMA': 'a directive without a document: there is nothing that could be misread',
  SF5V: 'the one directive we take, written twice',
}

describe.skipIf(!present)('T082 the YAML 1.2 suite (skipped without the corpus)', () => {
  it('has 94 cases to refuse and 34 to take', () => {
    expect(cases.filter(({ error }) => error)).toHaveLength(94)
    expect(cases.filter(({ error }) => !error)).toHaveLength(34)
  })

  it.each(cases.filter(({ error }) => error))('refuses $id: $name', ({ id, yaml }) => {
    const { diagnostics } = parseDocuments('case.yaml', yaml)
    const refused = diagnostics.some(({ severity }) => severity === 'error')
    expect(refused).toBe(!Object.hasOwn(LAXER, id))
  })

  it.each(cases.filter(({ error }) => !error))(
    'refuses the valid $id only by rules that are stricter on purpose: $name',
    ({ id, yaml }) => {
      const { diagnostics } = parseDocuments('case.yaml', yaml)
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      expect([...new Set(errors.map(({ rule }) => rule))].sort()).toEqual(STRICTER[id])
    },
  )

  // The same documents without their anchors are what an author would write instead.
  it.each(
    cases.filter(({ error, docs, yaml }) => !error && docs !== null && !/\*[\w-]/.test(yaml)),
  )('reads $id without its anchors as the suite does: $name', ({ yaml, docs }) => {
    const plain = yaml.replaceAll(/&[^\s,]+/g, '')
    const { documents, diagnostics } = parseDocuments('case.yaml', plain)
    const refused = diagnostics.some(({ severity }) => severity === 'error')
    if (!refused) expect(documents.map(({ value }) => value)).toEqual(docs)
  })

  it('never points outside the file', () => {
    for (const { yaml } of cases) {
      const lines = yaml.replace(/^\ufeff/, '').split('\n')
      for (const { line, column } of parseDocuments('case.yaml', yaml).diagnostics) {
        expect(line).toBeLessThanOrEqual(lines.length)
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
      }
    }
  })
})
