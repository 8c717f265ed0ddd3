import { z } from 'zod'
import { pointerNames } from '../../json-pointer.ts'
import { Secret } from '../../secret.ts'
import type { Json, JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'
import { isJwk } from '../formats/jwk.ts'
import { type Report, refusing } from '../report.ts'
import { accountOf, isObject } from './account.ts'

/** Levels of arrays and objects that a JSON document may have. */
const DEEPEST = 64

/** `field` beside `env` or `file`: a member name, or a JSON pointer (RFC 6901), which begins with a slash. */
export const fieldSchema = z
  .string()
  .min(1)
  .describe('Member of the JSON document that holds it: a name, or a JSON pointer such as /a/b.')

/** What a member of a JSON document holds, and what stands around it. */
export interface JsonField {
  /** Text as it is, a JWK as JSON text. */
  readonly text: Secret
  /** The other members, without those that are a secret by their name or look. */
  readonly account: JsonObject
}

/** The member of a JSON document; undefined after an error was reported. */
export function readField(document: string, field: string, report: Report): JsonField | undefined {
  const root = parseObject(document)
  if (root === undefined) {
    return refusing(report)(
      'key/parse',
      'expected one whole JSON object to take the field from',
      'the text is cut off or altered, or no JSON: leave field out when it is the key itself',
    )
  }
  if (isDeeper(root, DEEPEST)) {
    return refusing(report)(
      'key/parse',
      `expected a JSON object of at most ${DEEPEST} levels to take the field from`,
      'name a document that holds the key and what belongs to it',
    )
  }
  const refuse = refusing(report, 'field')
  const value = memberAt(root, field)
  if (value === undefined) {
    return refuse(
      'key/missing',
      'expected a member of this name in the JSON document',
      'write its name as it stands there, or a JSON pointer such as /credentials/private_key',
    )
  }
  const text = isJwk(value) ? JSON.stringify(value) : value
  if (typeof text !== 'string' || text === '') {
    return refuse(
      'key/parse',
      'expected the member of the JSON document to be text, or a JWK',
      'name the member that holds the key itself',
    )
  }
  return { text: new Secret(text), account: accountOf(root, stepsOf(field), text) }
}

/** The value that a field names in a JSON document; undefined when there is none. */
export function memberAt(document: JsonObject, field: string): Json | undefined {
  return valueAt(document, stepsOf(field)) as Json | undefined
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function stepsOf(field: string): readonly string[] {
  return field.startsWith('/') ? pointerNames(field) : [field]
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1))
}
