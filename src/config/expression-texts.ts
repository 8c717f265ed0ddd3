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
  const readings: Reading[] = []
  for (const name of PARTS) collect(config[name], [name], pattern, readings)
  return readings.length > 0 ? readings : NONE
}

const NONE: readonly Reading[] = []

const PARTS = ['when', ...CREDENTIAL_KEYS, 'inject'] as const

/** Looks into every text at or below a value; `path` is that of the value, and its own again in the end. */
function collect(
  value: unknown,
  path: (string | number)[],
  pattern: RegExp,
  readings: Reading[],
): void {
  if (typeof value === 'string') {
    if (!value.includes('#[')) return
    for (const found of value.matchAll(pattern)) readings.push({ path: [...path], found })
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      path.push(Array.isArray(value) ? Number(name) : name)
      collect(member, path, pattern, readings)
      path.pop()
    }
  }
}
