import type { Path } from '../../kind.ts'
import type { Draft } from './draft.ts'
import type { FlexRule } from './resource-schema.ts'

/** A rule of a Flex document and where it stands there. */
export interface PlacedRule {
  readonly rule: FlexRule
  readonly from: Path
}

/** The rules at `at`, with their places. */
export function placedRules(rules: readonly FlexRule[] | null | undefined, at: Path): PlacedRule[] {
  return (rules ?? []).map((rule, index) => ({ rule, from: [...at, index] }))
}

/**
 * Puts rules at `path` as `match.rules`. Their paths are relative to `basePath`: the «Declarative Configuration
 * Reference Guide» wants the base path of an address absent in every `rules.path`.
 */
export function putRules(
  path: Path,
  rules: readonly PlacedRule[],
  basePath: string,
  draft: Draft,
): void {
  for (const [index, { rule, from }] of rules.entries()) {
    const at = [...path, index]
    draft.put(at, {}, from)
    if (rule.path !== undefined) {
      draft.put([...at, 'path'], below(basePath, rule.path), [...from, 'path'])
    }
    if (rule.methods !== undefined) {
      draft.put([...at, 'methods'], [rule.methods].flat().join('|'), [...from, 'methods'])
    }
    if (rule.host !== undefined) draft.put([...at, 'host'], rule.host, [...from, 'host'])
    if (rule.headers !== undefined) {
      draft.put([...at, 'headers'], { ...rule.headers }, [...from, 'headers'])
    }
  }
}

function below(basePath: string, pattern: string): string {
  if (basePath === '') return pattern
  const literal = basePath.replace(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)
  return `${literal}(?:${pattern.replace(/^\^/, '')})`
}
