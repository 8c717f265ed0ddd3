import type { KeyType } from '../key-type.ts'
import { decodeBase64 } from './base64.ts'
import { decodeHex } from './hex.ts'

interface Encoding {
  decode(text: string): Buffer | undefined
  /** In words, for messages. */
  readonly words: string
  readonly hint: string
}

/** How the text of a secret stands for its bytes. */
const ENCODINGS: Partial<Record<KeyType, Encoding>> = {
  Base64Secret: {
    decode: (text) => decodeBase64(text, 'base64'),
    words: 'base64 text (RFC 4648 section 4)',
    hint: 'with - and _ in it, it is UrlSafeBase64Secret; otherwise it is cut off or altered',
  },
  UrlSafeBase64Secret: {
    decode: (text) => decodeBase64(text, 'base64url'),
    words: 'base64url text (RFC 4648 section 5)',
    hint: 'with + and / in it, it is Base64Secret; otherwise it is cut off or altered',
  },
  HexSecret: {
    decode: decodeHex,
    words: 'hexadecimal text of whole bytes',
    hint: 'two digits a byte, without 0x and colons, as `openssl rand -hex 64` writes it',
  },
}

/** How the secret is encoded that a key type declares; undefined for a key type that encodes none. */
export function encodingOf(keyType: KeyType | undefined): Encoding | undefined {
  return keyType === undefined ? undefined : ENCODINGS[keyType]
}
