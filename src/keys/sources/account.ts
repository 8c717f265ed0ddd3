import type { Json, JsonObject } from '../../types.ts'
import { decodeBase64 } from '../formats/base64.ts'
import { derContent } from '../formats/der.ts'
import { decodeHex } from '../formats/hex.ts'

/**
 * The members of a JSON document that are no secret by their name or look, at any depth: without the one that holds
 * the key, which `field` leads to, and without what is the key in another spelling.
 */
export function accountOf(document: JsonObject, field: readonly string[], key: string): JsonObject {
  const forms = spellings(key)
  return membersOf(document, field)

  function membersOf(object: JsonObject, path: readonly string[]): JsonObject {
    const [name, ...rest] = path
    return Object.fromEntries(
      Object.entries(object).flatMap(([own, value]) => {
        const isOnPath = own === name
        if ((isOnPath && rest.length === 0) || SECRET_NAME.test(own)) return []
        return kept(value, isOnPath ? rest : []).map((left) => [own, left])
      }),
    )
  }

  // None or one value.
  function kept(value: Json, path: readonly string[]): readonly Json[] {
    if (typeof value === 'string') {
      const isSecret = [...spellings(value)].some((form) => forms.has(form) || isPrivateKey(form))
      return isSecret ? [] : [value]
    }
    if (Array.isArray(value)) return [value.flatMap((entry) => kept(entry, []))]
    if (!isObject(value)) return [value]
    return 'kty' in value || 'd' in value ? [] : [membersOf(value, path)]
  }
}

/** True for a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Ids and addresses end otherwise: private_key_id, token_uri.
const SECRET_NAME =
  /(?:secret(?:[_-]?value)?|private[_-]?key(?:[_-]?pem)?|signing[_-]?key|api[_-]?key|pass(?:word|phrase|wd|code)|pwd|pin|hmac|token)s?$/i

/**
 * What a text stands for, as latin1 of the bytes: itself without white space, what a PEM block holds, and what it
 * decodes to as base64, base64url or hexadecimal text, twice at most. Two texts that share one spell the same.
 */
function spellings(text: string, decodings = 2): ReadonlySet<string> {
  // The line ends of PEM may be a literal backslash and n.
  const bare = text.replace(/\\[nr]|\s+/g, '')
  const body = bare.replace(/-----[A-Z0-9]+-----/g, '')
  const decoded = [decodeBase64(body, 'base64'), decodeBase64(body, 'base64url'), decodeHex(body)]
  const within = decoded.flatMap((bytes) => {
    if (bytes === undefined) return []
    const content = bytes.toString('latin1')
    return [content, ...(decodings > 1 ? spellings(content, decodings - 1) : [])]
  })
  return new Set([bare, ...within])
}

function isPrivateKey(form: string): boolean {
  if (/PRIVATEKEY--|PRIVATE KEY--/i.test(form)) return true
  if (/^[[{].*"(?:kty|d)":/.test(form)) return true
  return PRIVATE.has(derContent(Buffer.from(form, 'latin1')))
}

const PRIVATE: ReadonlySet<string | undefined> = new Set([
  ...(['pkcs8', 'pkcs1', 'sec1', 'encrypted', 'pkcs12'] as const),
])
