import { z } from 'zod'
import { type AlgorithmName, algorithm as specOf } from './algorithms.ts'
import type { Report } from './report.ts'

interface Format {
  /** What the text looks like. */
  readonly form: 'PEM' | 'DER' | 'secret' | 'JWK'
  /** As `node:crypto` names it; absent where the format may hold any. */
  readonly asymmetricKeyType?: 'ec' | 'ed25519' | 'rsa'
}

const FORMATS = {
  EcPem: { form: 'PEM', asymmetricKeyType: 'ec' },
  EdPem: { form: 'PEM', asymmetricKeyType: 'ed25519' },
  RsaPem: { form: 'PEM', asymmetricKeyType: 'rsa' },
  EcDer: { form: 'DER', asymmetricKeyType: 'ec' },
  EdDer: { form: 'DER', asymmetricKeyType: 'ed25519' },
  RsaDer: { form: 'DER', asymmetricKeyType: 'rsa' },
  Secret: { form: 'secret' },
  Base64Secret: { form: 'secret' },
  UrlSafeBase64Secret: { form: 'secret' },
  HexSecret: { form: 'secret' },
  Jwk: { form: 'JWK' },
} as const satisfies Record<string, Format>

/** Format of a key. */
export type KeyType = keyof typeof FORMATS

/** The formats that a key may be declared to have; the DER ones as base64 text. */
export const KEY_TYPES = Object.keys(FORMATS) as readonly KeyType[]

/** `keyType` in a policy file or account. */
export const keyTypeSchema = z
  .enum(KEY_TYPES)
  .meta({ title: 'key type' })
  .describe('Format of the key; detected when left out, checked when given.')

/** What a declared format looks like, and which keys it may hold. */
export function formatOf(keyType: KeyType): Format {
  return FORMATS[keyType]
}

const KEYS_OF_FAMILY = { RSA: 'rsa', 'RSA-PSS': 'rsa', ECDSA: 'ec', EdDSA: 'ed25519' } as const

/** Reports a declared format that no key for the algorithm can have; its place is `keyType`. False after that. */
export function checkKeyType(keyType: KeyType, algorithm: AlgorithmName, report: Report): boolean {
  const fitting = KEY_TYPES.filter((type) => fits(FORMATS[type], algorithm))
  if (fitting.includes(keyType)) return true
  report({
    severity: 'error',
    rule: 'key/type',
    message: `expected a keyType that fits ${algorithm}, found ${keyType}`,
    hint: `write ${fitting.join(', ')}, or leave it out: the format is detected`,
  })
  return false
}

function fits({ form, asymmetricKeyType }: Format, algorithm: AlgorithmName): boolean {
  if (form === 'JWK') return true
  const { family } = specOf(algorithm)
  if (family === 'HMAC') return form === 'secret'
  return asymmetricKeyType === KEYS_OF_FAMILY[family]
}
