import { expect, it } from 'vitest'
import { z } from 'zod'
import { privateKeySchema } from '../../src/keys/index.ts'
import { KEY_TYPES } from '../../src/keys/key-type.ts'
import { plain, tableRows } from './rows.ts'

it('documents every key type, and no other', () => {
  const documented = tableRows('keys.md', 'keyType').map(([keyType]) => plain(keyType))
  expect(documented).toEqual(KEY_TYPES)
})

interface Branch {
  readonly properties?: Readonly<Record<string, unknown>>
}

it('documents every key source with the members beside it, and no other', () => {
  const { anyOf } = z.toJSONSchema(privateKeySchema, { io: 'input' }) as { anyOf: Branch[] }
  const sources = anyOf.map(({ properties = { text: {} } }) => Object.keys(properties))
  const documented = tableRows('keys.md', 'source').map(([source, , beside]) => [
    plain(source),
    ...(beside === '' ? [] : plain(beside).split(', ')),
  ])
  const sorted = (rows: string[][]) =>
    rows.map(([source, ...beside]) => [source, beside.toSorted()])
  expect(sorted(documented)).toEqual(sorted(sources))
})
