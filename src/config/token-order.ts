import type { Scope } from '../kind.ts'
import { nearest } from '../nearest.ts'
import { type Reading, readingsOf } from './expression-texts.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** An enabled policy as it stands in its file. */
export interface WrittenPolicy {
  readonly config: PolicyConfig
  readonly scope: Scope
  /** What `tokensRead` gives. */
  readonly readings: readonly Reading[]
}

/** A token in an expression: `tokens.crm`, not `payload.tokens.crm` and not text in quotes that begins so. */
const TOKEN = /(?<![\w.`$'"])tokens\.([A-Za-z_]\w*)/g

/** Where the expressions of a policy read a token. */
export function tokensRead(config: PolicyConfig): readonly Reading[] {
  return readingsOf(config, TOKEN)
}

/**
 * Warns of expressions that read a token which no policy before theirs saves: the value is missing then.
 * `policies` are in the order in which they apply; `known` are names of tokens that may be saved besides.
 */
export async function checkTokenOrder(
  policies: readonly WrittenPolicy[],
  known: Iterable<string>,
  turn: () => Promise<void> | undefined,
): Promise<void> {
  const savers = new Map(policies.map(({ config }) => [config.saveAs, config.name]))
  const saved = new Set(known)
  for (const { config, scope, readings } of policies) {
    await turn()
    const { saveAs } = config
    for (const { path, found } of readings) {
      const [text, name = ''] = found
      const isOwn = name === saveAs
      if (saved.has(name) || (isOwn && path[0] === 'inject')) continue
      scope.report(path, {
        severity: 'warning',
        rule: 'policy/unknown-token',
        message: `expected a token that an earlier policy saves, "${name}" is none`,
        hint: isOwn ? OWN : hintFor(name, savers.get(name), [...saved]),
        offset: found.index,
        length: text.length,
      })
    }
    if (saveAs !== undefined) saved.add(saveAs)
  }
}

const OWN = 'a policy sees the token that it saves itself under inject only'

function hintFor(name: string, saver: string | undefined, saved: readonly string[]): string {
  if (saver !== undefined) return `give this policy a higher order than "${saver}", which saves it`
  const near = nearest(name, saved)
  return near === undefined ? 'write saveAs in a policy of a lower order' : `did you mean ${near}?`
}
