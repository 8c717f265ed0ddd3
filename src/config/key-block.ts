import { z } from 'zod'
import { credentialKinds } from '../credentials/index.ts'
import type { Path } from '../kind.ts'
import { accountSchema } from './accounts.ts'
import { authenticatorSchema } from './authenticator-schema.ts'

/** The parts of a document that hold keys, by where they begin. */
const BLOCKS = z.object({
  ...Object.fromEntries(Object.entries(credentialKinds).map(([key, { schema }]) => [key, schema])),
  accounts: z.record(z.string(), accountSchema),
  authenticators: z.record(z.string(), authenticatorSchema),
})

/** True at and below a name in a block of keys that none of its members has: a key may stand there, misspelt. */
export function isUnknown(path: Path): boolean {
  return isInBlock(path) && schemaAt(path) === undefined
}

/** True where a block of keys wants a map, or a list of maps: text there may be the key itself. */
export function wantsMap(path: Path): boolean {
  if (!isInBlock(path)) return false
  const schema = schemaAt(path)
  return isMapSchema(schema) || (schema instanceof z.ZodArray && isMapSchema(schema.element))
}

function isInBlock([first]: Path): boolean {
  return typeof first === 'string' && Object.hasOwn(BLOCKS.shape, first)
}

/** What the value at `path` is checked by, or the union above it; undefined at and below an unknown name. */
function schemaAt(path: Path): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = BLOCKS
  for (const step of path) {
    if (schema instanceof z.ZodObject) schema = schema.shape[step]
    else if (schema instanceof z.ZodDiscriminatedUnion) schema = memberOf(schema, step)
    else if (schema instanceof z.ZodRecord) schema = schema.valueType
    else if (schema instanceof z.ZodArray)
      schema = typeof step === 'number' ? schema.element : undefined
    else return schema
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) schema = schema.unwrap()
  }
  return schema
}

/** The first of a choice of maps decides: members of one name hold the same in each. */
function memberOf(
  { options }: z.ZodDiscriminatedUnion,
  step: Path[number],
): z.core.$ZodType | undefined {
  const maps = options.filter((option) => option instanceof z.ZodObject)
  return maps.map(({ shape }) => shape[step]).find((member) => member !== undefined)
}

const MAP_SCHEMAS = [z.ZodObject, z.ZodRecord, z.ZodDiscriminatedUnion]

function isMapSchema(schema: unknown): boolean {
  return MAP_SCHEMAS.some((kind) => schema instanceof kind)
}
