import { constants, createHmac, type KeyObject, sign } from 'node:crypto'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../../../support/keys.ts'

/** The clock of these tests, in seconds. */
export const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000

/** The keys of the issuer. */
export const ISSUER = {
  secret: hmacSecret(64),
  rsa: rsaKeys(2048, 'inbound'),
  p256: ecKeys('P-256', 'inbound'),
  p384: ecKeys('P-384', 'inbound'),
  p521: ecKeys('P-521', 'inbound'),
  ed25519: ed25519Keys('inbound'),
} as const

/** Claims of a token that is accepted. */
export const CLAIMS = {
  iss: 'https://idp.example.com',
  aud: 'orders',
  iat: NOW - 10,
  exp: NOW + 300,
  loginname: 'ann',
} as const

/** The `jwt` parts of authenticators that accept it, by where their keys come from. */
export const CONFIGS = {
  hs: { secret: { env: 'STAFF_SECRET' }, algorithms: ['HS256'] },
  rs: { publicKey: ISSUER.rsa.spki, algorithms: ['RS256', 'PS256'] },
  es: { publicKey: ISSUER.p256.spki, algorithms: ['ES256'] },
  jwks: { jwks: { file: 'jwks.json' }, algorithms: ['RS256', 'HS256', 'ES256'] },
} as const

/** The environment variables of `CONFIGS`. */
export const VARIABLES = { STAFF_SECRET: ISSUER.secret }

/** Authenticators of `CONFIGS`. */
export type ConfigName = keyof typeof CONFIGS

/** What goes for all of them. */
export const COMMON = {
  issuer: CLAIMS.iss,
  audience: CLAIMS.aud,
  usernameField: 'loginname',
} as const

/** The key set file of `CONFIGS.jwks`. */
export const JWKS = JSON.stringify({
  keys: [
    { ...ISSUER.rsa.publicJwk, kid: 'rsa-1', alg: 'RS256', use: 'sig' },
    { ...ISSUER.p256.publicJwk, kid: 'ec-1', alg: 'ES256', use: 'sig' },
    {
      kty: 'oct',
      k: Buffer.from(ISSUER.secret).toString('base64url'),
      kid: 'hmac-1',
      alg: 'HS256',
      use: 'sig',
    },
  ],
})

/** Makes a signature over the signing input of a JWS. */
export type Sign = (input: string) => Buffer

/** HMAC with SHA-256. */
export function hs256(secret: string | Buffer = ISSUER.secret): Sign {
  return (input) => createHmac('sha256', secret).update(input).digest()
}

/** RSASSA-PKCS1-v1_5 with SHA-256. */
export function rs256(key: KeyObject = ISSUER.rsa.privateKey): Sign {
  return (input) => sign('sha256', Buffer.from(input), key)
}

/** RSASSA-PSS with SHA-256. */
export function ps256(key: KeyObject = ISSUER.rsa.privateKey): Sign {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return (input) => sign('sha256', Buffer.from(input), { key, padding, saltLength: 32 })
}

/** ECDSA with SHA-256, as r‖s or in another form. */
export function es256(
  key: KeyObject = ISSUER.p256.privateKey,
  dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363',
): Sign {
  return (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding })
}

/** Text, bytes, or a value that is written as JSON. */
export type Content = string | Buffer | object | number | null

/** A compact JWS of exactly this header and payload. */
export function jws(header: Content, payload: Content, signWith: Sign = hs256()): string {
  const input = `${segment(header)}.${segment(payload)}`
  return `${input}.${segment(signWith(input))}`
}

/** The claims of a token that is accepted, with these in place of its own; undefined leaves one out. */
export function claims(changes: Readonly<Record<string, unknown>> = {}): object {
  return { ...CLAIMS, ...changes }
}

/** The claims as JSON text that begins with these members, of which none is left out. */
export function rawClaims(members: string, changes?: Readonly<Record<string, unknown>>): string {
  return `{${members},${JSON.stringify(claims(changes)).slice(1)}`
}

/** A segment of a token. */
export function segment(content: Content): string {
  const isText = typeof content === 'string' || Buffer.isBuffer(content)
  return Buffer.from(isText ? content : JSON.stringify(content)).toString('base64url')
}

/** The same bytes in base64url with other bits after the last byte. */
export function withTrailingBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const changed = text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) as string) + 1]
  const same = Buffer.from(text, 'base64url').equals(Buffer.from(changed, 'base64url'))
  if (!same) throw new TypeError('expected a segment with bits to spare')
  return changed
}

/** A token of exactly this many characters that is signed as it should be. */
export function tokenOfLength(length: number): string {
  for (const typ of ['', 'J', 'JW']) {
    const shortest = jws({ alg: 'HS256', typ }, claims({ pad: '' })).length
    const guess = Math.floor(((length - shortest) * 3) / 4)
    for (let pad = guess - 4; pad <= guess + 4; pad++) {
      const token = jws({ alg: 'HS256', typ }, claims({ pad: 'x'.repeat(pad) }))
      if (token.length === length) return token
    }
  }
  throw new TypeError('expected a length that a token can have')
}
