import type { Path, Scope } from '../kind.ts'
import { nearest } from '../nearest.ts'
import { CREDENTIAL_KEYS, type PolicyConfig } from './policy-schema.ts'

/** An enabled policy as it stands in its file. */
export interface WrittenPolicy {
  readonly config: PolicyConfig
  readonly scope: Scope
}

/** A token in an expression: `tokens.crm`, not `payload.tokens.crm` and not text in quotes that begins so. */
const READ = /(?<![\w.`$'"])tokens\.([A-Za-z_]\w*)/g

/**
 * Warns of expressions that read a token which no policy before theirs saves: the value is missing then.
 * `policies` are in the order in which they apply; `known` are names of tokens that may be saved besides.
 */
export function checkTokenOrder(policies: readonly WrittenPolicy[], known: Iterable<string>): void {
  const savers = new Map(policies.map(({ config }) => [config.saveAs, config.name]))
  const saved = new Set(known)
  for (const { config, scope } of policies) {
    const { saveAs } = config
    for (const [path, text] of textsOf(readingParts(config), [])) {
      for (const { index, 0: found, 1: name = '' } of expressionsIn(text)) {
        const isOwn = name === saveAs
        if (saved.has(name) || (isOwn && path[0] === 'inject')) continue
        scope.report(path, {
          severity: 'warning',
          rule: 'policy/unknown-token',
          message: `expected a token that an earlier policy saves, "${name}" is none`,
          hint: isOwn ? OWN : hintFor(name, savers.get(name), [...saved]),
          offset: index,
          length: found.length,
        })
      }
    }
    if (saveAs !== undefined) saved.add(saveAs)
  }
}

/** Those parts of a policy that may read tokens. */
function readingParts(config: PolicyConfig): Partial<PolicyConfig> {
  const names = ['when', ...CREDENTIAL_KEYS, 'inject'] as const
  return Object.fromEntries(names.map((name) => [name, config[name]]))
}

const OWN = 'a policy sees the token that it saves itself under inject only'

function hintFor(name: string, saver: string | undefined, saved: readonly string[]): string {
  if (saver !== undefined) return `give this policy a higher order than "${saver}", which saves it`
  const near = nearest(name, saved)
  return near === undefined ? 'write saveAs in a policy of a lower order' : `did you mean ${near}?`
}

function expressionsIn(text: string): Iterable<RegExpExecArray> {
  return text.includes('#[') ? text.matchAll(READ) : []
}

/** Every text at or below a value, with its path. */
function textsOf(value: unknown, path: Path): (readonly [path: Path, text: string])[] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    textsOf(member, [...path, Array.isArray(value) ? Number(name) : name]),
  )
}
