import type { Path } from '../kind.ts'
import { CREDENTIAL_KEYS, type PolicyConfig } from './policy-schema.ts'

/** Where the expressions of a policy read something. */
export interface Reading {
  readonly path: Path
  /** What was found, at its index in the text there. */
  readonly found: RegExpExecArray
}

/** What the expressions of a policy hold of `pattern`, which has the flag `g`. */
export function readingsOf(config: PolicyConfig, pattern: RegExp): readonly Reading[] {
  const names = ['when', ...CREDENTIAL_KEYS, 'inject'] as const
  return names
    .flatMap((name) => textsOf(config[name], [name]))
    .filter(({ text }) => text.includes('#['))
    .flatMap(({ path, text }) => [...text.matchAll(pattern)].map((found) => ({ path, found })))
}

interface Text {
  readonly path: Path
  readonly text: string
}

/** Every text at or below a value. */
function textsOf(value: unknown, path: Path): readonly Text[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    textsOf(member, [...path, Array.isArray(value) ? Number(name) : name]),
  )
}
