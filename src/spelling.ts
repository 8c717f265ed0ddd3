import type { Multimap } from './types.ts'

/**
 * True when some server reads the decoded name `candidate` as the parameter, form field or cookie `name`: it
 * differs only in case or surrounding white space, has a blank, `.` or `[` for `_` as in PHP, or goes on with `[`,
 * `.` or NUL (`token[]`, `token.x`).
 */
export function isSpellingOf(candidate: string, name: string): boolean {
  const spelling = candidate.trim().toLowerCase()
  const wanted = name.toLowerCase()
  if (!underscored(spelling).startsWith(underscored(wanted))) return false
  const rest = spelling.slice(wanted.length).trimStart()
  return rest === '' || rest[0] === '[' || rest[0] === '.' || rest[0] === '\0'
}

function underscored(name: string): string {
  return name.replace(/[ .[]/g, '_')
}

/**
 * True when some server finds the parameter `name` in `parameters`, be it behind a `;`, which parts pairs for
 * some. A value in which a `;` was encoded looks the same here, so it counts as well.
 */
export function hasSpelling(parameters: Multimap, name: string): boolean {
  return Object.entries(parameters).some(([sent, values]) => {
    if (isSpellingOf(sent, name)) return true
    const texts = [sent, ...[values].flat()].filter((text) => text.includes(';'))
    const parts = texts.flatMap((text) => text.split(';'))
    return parts.some((part) => isSpellingOf(part.split('=', 1)[0] as string, name))
  })
}

/** Percent-decoded text, `+` as a space; bytes that are not UTF-8 stay as they are, and what is not ASCII beside them. */
export function decodeParameter(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run.replace(/%[0-7][0-9A-Fa-f]/g, (triplet) => decodeURIComponent(triplet))
    }
  })
}

/**
 * The name of a JSON member as the laxest reader compares it: without case, `ſ` as `s` and the Kelvin sign
 * as `k`, as Go's encoding/json does. Two names that fold to the same are spellings of one member.
 */
export function foldMember(name: string): string {
  return name.toUpperCase().toLowerCase()
}
