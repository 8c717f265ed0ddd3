/** A JSON object with a `kty`; what stands in it is not yet looked at. */
export interface UncheckedJwk {
  readonly [member: string]: unknown
  readonly kty: string
}

/** The JSON Web Key that a text is; undefined for any other text. */
export function parseJwk(text: string): UncheckedJwk | undefined {
  const value = parseObject(text)
  return isJwk(value) ? value : undefined
}

/** The members of the JWK set (RFC 7517 section 5) that a text is; undefined for any other text. */
export function parseJwkSet(text: string): readonly unknown[] | undefined {
  const value = parseObject(text)
  return Array.isArray(value?.keys) && !isJwk(value) ? value.keys : undefined
}

/** True for an object with a `kty`. */
export function isJwk(value: unknown): value is UncheckedJwk {
  return (
    typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'
  )
}

/** True for text that was meant to be a JWK or a JWK set, whole or not. */
export function looksLikeJwk(text: string): boolean {
  return /^\s*\{[\s\S]*"(?:kty|keys)"/.test(text)
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
