import { isUtf8 } from 'node:buffer'
import { isExactDouble } from '../decimal.ts'
import { CountersignError } from '../errors.ts'
import { InexactNumber } from './inexact-number.ts'
import { scanJson } from './json-scan.ts'
import { checkCharset, isForm, isJson, parseMediaType } from './media-type.ts'
import { parseParameters } from './parameters.ts'

// Fifteen digits and no exponent always survive a double, so most bodies need no second look.
const SUSPECT = /[0-9.]{16}|[0-9][eE]/
const MARK = '\ufeff'

/**
 * The body as expressions see it: a JSON value, form fields as a `Multimap`, or text; undefined when the
 * body is empty or of another type. JSON numbers that a double would round are `InexactNumber`s.
 * Throws `body/malformed`, `body/media-type`, and `body/too-large` above 50,000 JSON values.
 */
export function parsePayload(
  body: Buffer,
  contentType: string | readonly string[] | undefined,
): unknown {
  const type = parseMediaType(contentType)
  if (type === undefined || body.length === 0) return undefined
  const json = isJson(type)
  const form = isForm(type)
  if (!json && !form && !type.essence.startsWith('text/')) return undefined
  checkCharset(type)
  if (json) return parseJson(body)
  const text = decode(body)
  return form ? parseParameters(text) : text
}

/** Values in a JSON body that expressions read, counted at every depth. */
const MAX_VALUES = 50_000

function parseJson(body: Buffer): unknown {
  let values = 0
  const count = () => {
    values += 1
    if (values <= MAX_VALUES) return
    throw new CountersignError('body/too-large', `expected at most ${MAX_VALUES} values`)
  }
  scanJson(body, { open: count, scalar: count })
  const text = decode(body)
  return SUSPECT.test(text) ? JSON.parse(text, keepInexact) : JSON.parse(text)
}

function keepInexact(_name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' && source !== undefined && !isExactDouble(source)
    ? new InexactNumber(source)
    : value
}

function decode(body: Buffer): string {
  if (!isUtf8(body)) throw new CountersignError('body/malformed', 'expected a body in UTF-8')
  const text = body.toString('utf8')
  return text.startsWith(MARK) ? text.slice(1) : text
}
