/** The two alphabets of RFC 4648: section 4, and section 5 for URLs. */
export type Base64Alphabet = 'base64' | 'base64url'

const ALPHABET = { base64: /^[A-Za-z0-9+/]+$/, base64url: /^[A-Za-z0-9_-]+$/ }

/**
 * The bytes of base64 text, undefined for any other text. White space is passed over; padding may be left out, but
 * must be right when it is there, and the bits after the last byte must be zero, so that a cut text is noticed.
 */
export function decodeBase64(text: string, alphabet: Base64Alphabet): Buffer | undefined {
  const packed = text.replace(/\s+/g, '')
  const digits = packed.replace(/=+$/, '')
  if (digits.length < packed.length && packed.length % 4 !== 0) return undefined
  if (!ALPHABET[alphabet].test(digits)) return undefined
  const bytes = Buffer.from(digits, alphabet)
  return bytes.toString(alphabet).replace(/=+$/, '') === digits ? bytes : undefined
}
