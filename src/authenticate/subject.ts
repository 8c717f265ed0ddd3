import type { X509Certificate } from 'node:crypto'

/**
 * Attributes of a certificate's subject by type as OpenSSL abbreviates it: `CN`, `O`. One that stands there twice is
 * a list.
 */
export type Subject = Readonly<Record<string, string | string[]>>

/** The subject, decoded; its text form would have to be taken apart where a value may hold anything. */
export function subjectOf(certificate: X509Certificate): Subject {
  const { subject } = certificate.toLegacyObject() as { readonly subject?: Subject }
  return { ...subject }
}

/** Attributes that a subject must have, by lower-case type. */
export type WantedSubject = ReadonlyMap<string, string>

/**
 * `CN=orders,O=acme` (RFC 4514, without values in `#` form) as attributes. Undefined when it is something else, or
 * names a type twice.
 */
export function parseSubject(text: string): WantedSubject | undefined {
  const parts = text.match(/(?:\\.|[^\\,+])+/gsu) ?? []
  // nothing between two separators, or a backslash before nothing
  if (parts.join(',').length !== text.length) return undefined
  const wanted = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    const type = part.slice(0, Math.max(at, 0)).trim().toLowerCase()
    const value = part.slice(at + 1).trim()
    if (!TYPE.test(type) || !VALUE.test(value) || wanted.has(type)) return undefined
    wanted.set(type, unescaped(value))
  }
  return wanted.size > 0 ? wanted : undefined
}

/** True when the subject has every attribute, and none of them twice. */
export function hasSubject(subject: Subject, wanted: WantedSubject): boolean {
  const found = new Map<string, string | string[]>()
  for (const [type, value] of Object.entries(subject)) {
    // `UID` and `uid` are two types, of which nobody can say which was meant
    const name = type.toLowerCase()
    found.set(name, found.has(name) ? [] : value)
  }
  return [...wanted].every(([type, value]) => found.get(type) === value)
}

const TYPE = /^(?:[a-z][a-z0-9-]*|\d+(?:\.\d+)+)$/
const VALUE =
  /^(?:\\[ "#+,;<=>\\]|\\[0-9A-Fa-f]{2}|[^\\"+,;<>#])(?:\\[ "#+,;<=>\\]|\\[0-9A-Fa-f]{2}|[^\\"+,;<>])*$/u

function unescaped(value: string): string {
  return value.replace(
    /\\([ "#+,;<=>\\])|((?:\\[0-9A-Fa-f]{2})+)/g,
    (_all, char, hex = '') => char ?? Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
  )
}
