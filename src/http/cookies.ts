import type { Secret } from '../secret.ts'
import { decodeParameter, isSpellingOf } from '../spelling.ts'

/**
 * The `Cookie` field (RFC 6265 section 4.2) made of all its lines, without any spelling of the names in
 * `remove` and `set`, and with each of `set` once at the end; empty when no cookie is left.
 */
export function editCookies(
  lines: readonly string[],
  remove: readonly string[],
  set: Readonly<Record<string, Secret>>,
): string {
  const names = [...remove, ...Object.keys(set)]
  const kept = lines
    .flatMap((line) => line.split(';'))
    .map((pair) => withoutNames(pair.trim(), names))
    .filter((pair) => pair !== '')
  for (const [name, value] of Object.entries(set)) kept.push(`${name}=${value.reveal()}`)
  return kept.join('; ')
}

function withoutNames(pair: string, names: readonly string[]): string {
  const taken = (part: string) => names.some((name) => isSpellingOf(cookieName(part), name))
  if (taken(pair)) return ''
  // Servers that follow RFC 2965 part cookies by `,` as well, so a name may hide behind one.
  const parts = pair.split(',')
  return parts.filter((part) => !taken(part)).join(',')
}

function cookieName(pair: string): string {
  const equals = pair.indexOf('=')
  return decodeParameter(equals === -1 ? pair : pair.slice(0, equals))
}
