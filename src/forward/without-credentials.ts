import { fold } from '../header-name.ts'
import { eachField } from '../http/index.ts'
import type { Secret } from '../secret.ts'

/** Folded names of the fields whose URLs clients follow (RFC 9110 sections 8.7 and 10.2.2, RFC 8288). */
const WITH_URL: ReadonlySet<string> = new Set(['location', 'content_location', 'refresh', 'link'])

/**
 * The fields of an answer, names and values by turns, in which no line holds one of `credentials`, as it is or
 * percent-encoded: URLs lose the parameters that do, and every other line that does goes, but for a `Content-Length` of
 * digits, by which the answer is read. An encoding in Base64 or a part of a credential is not found. Made for final and
 * interim answers.
 */
export function withoutCredentials(fields: string[], credentials: readonly Secret[]): string[] {
  if (credentials.length === 0 || !fields.some(longEnough(credentials))) return fields
  const holds = finderOf(credentials)
  // names come in any case
  const nameHolds = finderOf(credentials, (text) => text.toLowerCase())
  const out: string[] = []
  eachField(fields, (name, value) => {
    if (nameHolds(name)) return
    if (isLength(name, value) || !holds(value)) {
      out.push(name, value)
    } else if (WITH_URL.has(fold(name))) {
      const left = withoutParameters(value, holds)
      if (!holds(left)) out.push(name, left)
    }
  })
  return out
}

/** True when a text, such as a reason phrase, holds one of `credentials`, as it is or percent-encoded. */
export function holdsCredential(text: string, credentials: readonly Secret[]): boolean {
  return longEnough(credentials)(text) && finderOf(credentials)(text)
}

/** True for a text that is not shorter than every credential: encoded ones are longer. Nearly all fields are shorter. */
function longEnough(credentials: readonly Secret[]): (text: string) => boolean {
  let shortest = Number.POSITIVE_INFINITY
  for (const credential of credentials) {
    shortest = Math.min(shortest, decoded(credential.reveal()).length)
  }
  return (text) => text.length >= shortest
}

/** Finds credentials in texts, both as `form` writes them. */
function finderOf(
  credentials: readonly Secret[],
  form = (text: string) => text,
): (text: string) => boolean {
  // one that looks percent-encoded itself is decoded along with what it stands in
  const plainOf = (text: string) => form(spaced(decoded(text)))
  const wanted = credentials.map((credential) => plainOf(credential.reveal()))
  return (text) => {
    const plain = plainOf(text)
    return wanted.some((one) => plain.includes(one))
  }
}

function isLength(name: string, value: string): boolean {
  return name.toLowerCase() === 'content-length' && /^\d+$/.test(value)
}

/** A field value whose queries have lost the parameters that `holds` finds something in. */
function withoutParameters(value: string, holds: (text: string) => boolean): string {
  return value.replace(/\?[^#<>"'\s]*/g, (query) => {
    const kept = query
      .slice(1)
      .split('&')
      .filter((pair) => !holds(pair))
    return kept.length > 0 ? `?${kept.join('&')}` : ''
  })
}

/** An encoding of every character makes a text three times as long: no field holds a text that has more of them. */
const DEPTH = 12

/** Percent-encoded ASCII decoded until nothing changes, which is all that a credential consists of. */
function decoded(text: string): string {
  let plain = text
  for (let round = 0; round < DEPTH && plain.includes('%'); round += 1) {
    const before = plain
    // an encoding of `%` alone, however often, is taken off at once
    plain = plain.replace(/%(?:25)*([2-7][0-9A-Fa-f])/g, (_triplet, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    if (plain === before) break
  }
  return plain
}

/** A `+` may be a space in a query. */
function spaced(text: string): string {
  return text.replaceAll('+', ' ')
}
