import type { Fault } from '../kind.ts'
import { knownSecret } from './known-secrets.ts'

/** Why a secret may be found by trying. */
export interface Guess {
  /** `error` for what everyone tries first. */
  readonly severity: 'error' | 'warning'
  /** What was found, in words that do not narrow it down. */
  readonly words: string
}

/** Characters of printable ASCII that hold 256 bits when they are chosen at random from the base64 alphabet. */
const ENOUGH_CHARACTERS = 43
/** Bytes: a pattern up to this length, repeated, is no secret however long it gets. */
const LONGEST_PATTERN = 24

/** Why the bytes of a secret may be found by trying; undefined when nothing speaks for it. */
export function guessSecret(bytes: Buffer): Guess | undefined {
  if (isRepetition(bytes)) {
    return { severity: 'error', words: 'the same few bytes throughout' }
  }
  const known = knownSecret(bytes)
  if (known !== undefined) {
    return { severity: 'error', words: `one of a public list (SHA-256 ${known}…)` }
  }
  const text = bytes.toString('latin1')
  if (!/^[\x20-\x7e]*$/.test(text)) return undefined
  if (SAMPLES.has(text.toLowerCase())) {
    return { severity: 'error', words: 'one that stands in tutorials' }
  }
  if (text.length < ENOUGH_CHARACTERS) {
    return { severity: 'warning', words: `fewer than ${ENOUGH_CHARACTERS} characters of text` }
  }
  return WORDS.test(text) ? { severity: 'warning', words: 'words' } : undefined
}

/** What is to be told of a secret that may be found by trying; `make` says how to get a better one. */
export function guessFault({ severity, words }: Guess, make: string): Fault {
  const isSample = severity === 'error'
  return {
    severity,
    rule: isSample ? 'key/weak' : 'key/guessable',
    message: `expected a ${isSample ? 'random secret' : 'secret that nobody can guess'}, found ${words}`,
    hint: make,
  }
}

function isRepetition(bytes: Buffer): boolean {
  for (let size = 1; size <= LONGEST_PATTERN && size * 2 <= bytes.length; size += 1) {
    if (bytes.subarray(size).equals(bytes.subarray(0, -size))) return true
  }
  return false
}

// Words that secrets made up by people hold, as they spell them; in random text one comes about once in a million.
const WORDS = new RegExp(
  'secret serect s3cr3t secur passw passphrase token change replace example default private random'
    .split(' ')
    .flatMap((word) => [
      word,
      `${word.charAt(0).toUpperCase()}${word.slice(1)}`,
      word.toUpperCase(),
    ])
    .join('|')
    .concat('| '),
)

// As tutorials, framework templates and token debuggers show them; lower-case.
const SAMPLES = new Set([
  '00112233445566778899aabbccddeeff',
  '12345678901234567890123456789012',
  '1234567890abcdef1234567890abcdef',
  '404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970',
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'a-very-long-secret-key-that-is-at-least-32-characters',
  'abcdefghijklmnopqrstuvwxyz',
  'abcdefghijklmnopqrstuvwxyz123456',
  'access-token-secret',
  'change-me',
  'change-this-secret',
  'changeme',
  'default',
  'development',
  'example_key',
  'hmacsecret',
  'insecure',
  'jwt',
  'jwt-secret',
  'jwt_secret',
  'jwt_secret_key',
  'jwtsecret',
  'key',
  'mysecret',
  'mysecretkey',
  'mysupersecret',
  'mysupersecretkey',
  'my-secret',
  'my-secret-key',
  'my-super-secret-key',
  'my_secret_key',
  'password',
  'private',
  'qwertyuiopasdfghjklzxcvbnm123456',
  'secret',
  'secret-key',
  'secret_key',
  'secretkey',
  'shared-secret',
  'shhhhh',
  'super-secret',
  'super_secret',
  'supersecret',
  'supersecretkey',
  'test',
  'this-is-a-secret',
  'this-is-a-very-long-secret-key-for-testing',
  'thisisasecret',
  'thisismysecretkey',
  'token',
  'top-secret',
  'topsecret',
  'your-256-bit-secret',
  'your-384-bit-secret',
  'your-512-bit-secret',
  'your-secret',
  'your-secret-key',
  'your_jwt_secret',
  'your_secret_key',
  'yoursecret',
])
