import { isDeepStrictEqual } from 'node:util'
import { schemaText } from '../../src/cli/schema.ts'

/** As much of a JSON Schema as the formats of our files use. */
export interface JsonSchema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** The schema of policy files. */
export const policy: JsonSchema = JSON.parse(schemaText('policy'))
/** The schema of the gateway file. */
export const gateway: JsonSchema = JSON.parse(schemaText('gateway'))

/** The forms that a key may be written in, and where they are documented, once for all places. */
const KEY_FORMS = policy.properties?.jwt?.properties?.privateKey?.anyOf ?? []
const KEY_FORMS_AT = 'jwt.privateKey'

/** True where a key may be written in these forms, or in some of them. */
export function isKeySource({ anyOf = [] }: JsonSchema): boolean {
  const isKnown = (form: JsonSchema) => KEY_FORMS.some((known) => isDeepStrictEqual(form, known))
  return anyOf.length > 1 && anyOf.every(isKnown)
}

/** Every key that may be written, as a dotted path; entries of a list follow `[]`, what is named freely is `NAME`. */
export function keysOf(schema: JsonSchema, path = ''): string[] {
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
