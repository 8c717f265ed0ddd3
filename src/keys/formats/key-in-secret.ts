import { decodeBase64 } from './base64.ts'
import { derContent } from './der.ts'
import { decodeHex } from './hex.ts'

/** How often bytes are decoded that are text of an encoding: base64 of base64 of a key is still a key. */
const DEPTH = 2

/**
 * What key the bytes of a secret are, or decode to as base64, base64url or hexadecimal text, twice at most, in words
 * for messages; undefined for none. Whoever knows a public key knows its encodings, and as a secret each would let
 * them sign (RFC 8725 section 2.1). A JWK of a secret is not meant, nor a bare modulus, which looks like any bytes.
 */
export function keyInSecret(bytes: Buffer, depth = DEPTH): string | undefined {
  const text = bytes.toString('latin1')
  const found = keyIn(bytes, text)
  if (found !== undefined || depth === 0) return found
  for (const decoded of decodings(text)) {
    const within = decoded && keyInSecret(decoded, depth - 1)
    if (within !== undefined) return within
  }
  return undefined
}

function keyIn(bytes: Buffer, text: string): string | undefined {
  if (PEM.test(text)) return 'PEM text'
  if (JWK.test(text)) return 'a JWK'
  if (SSH.test(text)) return 'an OpenSSH public key'
  return derContent(bytes) && 'DER'
}

// RFC 7468, and RFC 4716 with four dashes; in any case, since a text may have been put in lower case on its way.
const PEM = /----[ -]?BEGIN /i
// Wherever it stands, alone, in a set or a list, and as a text within JSON.
const JWK = /["']kty\\*["']\s*:\s*\\*["'](?!oct\\*["'])/i
// The line of `authorized_keys`, and the bytes that its base64 stands for (RFC 4253 section 6.6).
const NAME = '(?:sk-)?(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-)'
const SSH = new RegExp(String.raw`(?:^|\s)${NAME}\S*\s+[A-Za-z0-9+/]{16}|^\0\0\0[\0-\x40]${NAME}`)

function decodings(text: string): readonly (Buffer | undefined)[] {
  return [decodeHex(text), decodeBase64(text, 'base64'), decodeBase64(text, 'base64url')]
}
