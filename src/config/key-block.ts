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

type Schema = z.core.$ZodType

/** What the value at `path` is checked by, or the union above it; undefined at and below an unknown name. */
function schemaAt(path: Path): Schema | undefined {
  let schema: Schema | undefined = BLOCKS
  for (const step of path) schema = schema && below(schema, step)
  return schema
}

/** What was found below a schema: asking one what it is costs, and every key of every file asks. */
const FOUND = new WeakMap<Schema, Map<string, Schema>>()

function below(schema: Schema, step: Path[number]): Schema | undefined {
  const name = typeof step === 'number' ? '[]' : `.${step}`
  const known = FOUND.get(schema)?.get(name)
  if (known) return known
  if (schema instanceof z.ZodRecord) return unwrapped(schema.valueType)
  const found = unwrapped(memberAt(schema, step))
  // names that are there are few, others without end
  if (found && found !== schema)
    FOUND.set(schema, (FOUND.get(schema) ?? new Map()).set(name, found))
  return found
}

function memberAt(schema: Schema, step: Path[number]): Schema | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[step]
  if (schema instanceof z.ZodDiscriminatedUnion) return memberOf(schema, step)
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? schema.element : undefined
  return schema
}

function unwrapped(schema: Schema | undefined): Schema | undefined {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault
  return isWrapped ? schema.unwrap() : schema
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
