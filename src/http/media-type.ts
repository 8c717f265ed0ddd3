import { CountersignError } from '../errors.ts'
import { TOKEN } from '../header-name.ts'

/** A media type (RFC 9110 section 8.3.1). */
export interface MediaType {
  /** Type and subtype in lower case: `application/json`. */
  readonly essence: string
  /** Parameters by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>
}

const ESSENCE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})[ \\t]*(?=;|$)`)
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")[ \\t]*)?(?=;|$)`,
  'y',
)

/**
 * Reads the `Content-Type` field as a `Multimap` holds it; undefined when there is none. Throws
 * `body/media-type` for several lines, for a value that is not a media type, and for a parameter given twice.
 */
export function parseMediaType(
  contentType: string | readonly string[] | undefined,
): MediaType | undefined {
  if (contentType === undefined) return undefined
  const lines = typeof contentType === 'string' ? [contentType] : contentType
  const [line, ...others] = lines
  if (line === undefined) return undefined
  const essence = ESSENCE.exec(line)
  if (essence === null || others.length > 0) throw unsupported('expected one media type')
  return {
    essence: (essence[1] as string).toLowerCase(),
    parameters: parseParameterList(line, essence[0].length),
  }
}

/** True for `application/json`, `text/json` and every type with the suffix `+json`. */
export function isJson(type: MediaType): boolean {
  const { essence } = type
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json')
}

/** True for `application/x-www-form-urlencoded`. */
export function isForm(type: MediaType): boolean {
  return type.essence === 'application/x-www-form-urlencoded'
}

/** Refuses every `charset` but UTF-8 with `body/media-type`; none at all means UTF-8. */
export function checkCharset(type: MediaType): void {
  const charset = type.parameters.get('charset')?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw unsupported('expected charset utf-8')
  }
}

function parseParameterList(line: string, from: number): Map<string, string> {
  const parameters = new Map<string, string>()
  PARAMETER.lastIndex = from
  for (let at = from; at < line.length; at = PARAMETER.lastIndex) {
    const match = PARAMETER.exec(line)
    if (match === null) throw unsupported('expected parameters as name=value')
    const [, name, token, quoted] = match
    if (name === undefined) continue
    const key = name.toLowerCase()
    if (parameters.has(key)) throw unsupported('expected each parameter once')
    parameters.set(key, token ?? (quoted as string).replace(/\\(.)/g, '$1'))
  }
  return parameters
}

function unsupported(message: string): CountersignError {
  return new CountersignError('body/media-type', message)
}
