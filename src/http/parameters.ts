import type { Secret } from '../secret.ts'
import { decodeParameter, isSpellingOf } from '../spelling.ts'
import type { Multimap } from '../types.ts'
import { addLine, createMultimap, NO_LINES } from './multimap.ts'

/**
 * Parameters of a query or a form by decoded name: pairs parted by `&`, name and value by the first `=`,
 * `+` is a space, and a sequence that does not decode to UTF-8 stays as it is.
 */
export function parseParameters(text: string): Multimap {
  if (text === '') return NO_LINES
  const parameters = createMultimap()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const { name, value } = parsePair(pair)
    addLine(parameters, name, value)
  }
  return parameters
}

/**
 * A query or a form without any spelling of the decoded names in `remove` and `set`, and with each of `set`
 * once at the end; all other bytes stay. See `isSpellingOf` for what counts as a spelling.
 */
export function editParameters(
  text: string,
  remove: readonly string[],
  set: Readonly<Record<string, Secret>>,
): string {
  const entries = Object.entries(set)
  if (remove.length === 0 && entries.length === 0) return text
  const names = [...remove, ...entries.map(([name]) => name)]
  const kept = text === '' ? [] : withoutNames(text.split('&'), names)
  for (const [name, value] of entries) {
    kept.push(`${encodeURIComponent(name)}=${encodeURIComponent(value.reveal())}`)
  }
  return kept.join('&')
}

function parsePair(pair: string): { name: string; value: string } {
  const equals = pair.indexOf('=')
  if (equals === -1) return { name: decodeParameter(pair), value: '' }
  return {
    name: decodeParameter(pair.slice(0, equals)),
    value: decodeParameter(pair.slice(equals + 1)),
  }
}

function withoutNames(pairs: readonly string[], names: readonly string[]): string[] {
  const taken = (pair: string) => names.some((name) => isSpellingOf(parsePair(pair).name, name))
  const kept: string[] = []
  for (const pair of pairs) {
    if (taken(pair)) continue
    // Some servers part pairs by `;` as well, so a name may hide behind one.
    if (pair.includes(';')) {
      const parts = pair.split(';')
      const rest = parts.filter((part) => !taken(part))
      if (rest.length > 0) kept.push(rest.join(';'))
    } else {
      kept.push(pair)
    }
  }
  return kept
}
