import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { schemaText } from '../../src/cli/schema.ts'
import { plain, tableRows } from './rows.ts'

interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

const policy: JsonSchema = JSON.parse(schemaText('policy'))
const gateway: JsonSchema = JSON.parse(schemaText('gateway'))

/** The forms that a key may be written in, and where they are documented, once for all places. */
const KEY_FORMS = policy.properties?.jwt?.properties?.privateKey?.anyOf ?? []
const KEY_FORMS_AT = 'jwt.privateKey'

/** True where a key may be written in these forms, or in some of them. */
function isKeySource({ anyOf = [] }: JsonSchema): boolean {
  const isKnown = (form: JsonSchema) => KEY_FORMS.some((known) => isDeepStrictEqual(form, known))
  return anyOf.length > 1 && anyOf.every(isKnown)
}

/** Every key that may be written, as a dotted path; entries of a list follow `[]`, what is named freely is `NAME`. */
function keysOf(schema: JsonSchema, path = ''): string[] {
  if (path !== KEY_FORMS_AT && isKeySource(schema)) return []
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema
  const named = typeof additionalProperties === 'object' ? additionalProperties : undefined
  return [
    ...[...anyOf, ...oneOf].flatMap((branch) => keysOf(branch, path)),
    ...(items ? keysOf(items, `${path}[]`) : []),
    ...(named?.properties ? [`${path}.NAME`] : []),
    ...(named ? keysOf(named, `${path}.NAME`) : []),
    ...Object.entries(properties).flatMap(([name, member]) => {
      const key = path === '' ? name : `${path}.${name}`
      return [key, ...keysOf(member, key)]
    }),
  ]
}

/** Objects that have keys of others, and whose those are: documented there. */
const SHARED = [
  ['accounts.NAME.', 'jwt.'],
  ['caches.NAME.', 'cache.'],
  ['routes[].match.', 'match.'],
] as const

function documentedAs(key: string, known: ReadonlySet<string>): string {
  const shared = SHARED.map(([here, there]) => key.startsWith(here) && key.replace(here, there))
  return shared.find((other) => other && known.has(other)) || key
}

it('documents every key of the policy file and the gateway file, and no other', () => {
  // an object or a list of them is documented once
  const known = new Set(keysOf(policy).map((key) => key.replace(/^inject\[\]/, 'inject')))
  const keys = new Set([...known, ...keysOf(gateway).map((key) => documentedAs(key, known))])
  const documented = tableRows('policy.md', 'key').map(([key]) => plain(key))
  expect(documented.toSorted()).toEqual([...keys].toSorted())
})

it.each<[string, JsonSchema]>([
  ['jwt.encrypt.publicKey', policy],
  ['jwt.encrypt.secret', policy],
  ['jwt.certificate', policy],
  ['accounts.NAME.privateKey', gateway],
  ['accounts.NAME.keys[].privateKey', gateway],
])('takes at %s a key in forms that are documented', (path, schema) => {
  const found = path.split(/\.|(?=\[\])/).reduce<JsonSchema | undefined>((at, step) => {
    if (step === '[]') return at?.items
    return step === 'NAME' ? (at?.additionalProperties as JsonSchema) : at?.properties?.[step]
  }, schema)
  expect(found && isKeySource(found)).toBe(true)
})
