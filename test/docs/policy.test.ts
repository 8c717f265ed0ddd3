import { expect, it } from 'vitest'
import { schemaText } from '../../src/cli/schema.ts'
import { plain, tableRows } from './rows.ts'

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** Every key that may be written, as a dotted path; members of the entries of a list follow `[]`. */
function keysOf(schema: JsonSchema, path = ''): string[] {
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema
  return [
    ...[...anyOf, ...oneOf].flatMap((branch) => keysOf(branch, path)),
    ...(items ? keysOf(items, `${path}[]`) : []),
    ...Object.entries(properties).flatMap(([name, member]) => {
      const key = path === '' ? name : `${path}.${name}`
      return [key, ...keysOf(member, key)]
    }),
  ]
}

it('documents every key of the policy file and the gateway file, and no other', () => {
  const written = [
    ...keysOf(JSON.parse(schemaText('policy'))),
    ...keysOf(JSON.parse(schemaText('gateway'))),
  ]
  // an object or a list of them is documented once
  const keys = new Set(written.map((key) => key.replace(/^inject\[\]/, 'inject')))
  const documented = tableRows('policy.md', 'key').map(([key]) => plain(key))
  expect(documented.toSorted()).toEqual([...keys].toSorted())
})
