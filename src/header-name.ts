import { z } from 'zod'

/** Pattern of a token (RFC 9110 section 5.6.2): names of header fields, cookies, media types. */
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"

/** A token in a file; `expected` says what it names: `a header name, such as x-token`. */
export function tokenSchema(expected: string): z.ZodString {
  return z.string().regex(new RegExp(`^${TOKEN}$`), `expected ${expected}`)
}

const PLAIN_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/**
 * The name as the laxest server reads it: lower-case, every run of other characters than letters and
 * digits one `_`, none at the ends. Two names that fold to the same are aliases: `X_User`, `x.user`, `X--User`.
 */
export const fold = remembering((name) => {
  const lower = name.toLowerCase()
  if (PLAIN_NAME.test(lower)) return lower.replaceAll('-', '_')
  return lower.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '')
})

/**
 * How many texts are remembered, and of how many characters: clients may make up any number of any length. They are
 * forgotten once so many others have come, as to remember each of those would cost more than to tell it.
 */
const REMEMBERED = { texts: 512, length: 64, others: 4096 }

/** A function of a field's name, or of another short text, that remembers what `tell` gave for those that come often. */
export function remembering<T extends NonNullable<unknown>>(
  tell: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>()
  let others = 0
  return (text) => {
    const told = known.get(text)
    if (told !== undefined) return told
    if (text.length > REMEMBERED.length) return tell(text)
    if (known.size === REMEMBERED.texts) {
      others += 1
      if (others < REMEMBERED.others) return tell(text)
      // forgetting all lets the usual ones come back, whoever sent those before
      known.clear()
      others = 0
    }
    // a piece of a larger text would keep all of it in memory
    const own = Buffer.from(text).toString()
    const made = tell(own)
    known.set(own, made)
    return made
  }
}

/** Fields that concern one connection only (RFC 9110 section 7.6.1), folded; never forwarded either way. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep_alive',
  'proxy_connection',
  'proxy_authenticate',
  'proxy_authorization',
  'te',
  'trailer',
  'transfer_encoding',
  'upgrade',
  'http2_settings',
])

/** Folded names of the fields, beside those of the connection, by which a message is read. */
const READ_BY: ReadonlySet<string> = new Set([
  'host',
  'content_length',
  'content_type',
  'content_encoding',
  'expect',
  'cookie',
])

/** True for the folded name of a field by which the connection works or the message is read: no place for a token. */
export function decidesMessage(folded: string): boolean {
  return folded === '' || HOP_BY_HOP.has(folded) || READ_BY.has(folded)
}
