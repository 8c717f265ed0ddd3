import { compileExpression, type Value } from '../claims/index.ts'
import { fold } from '../header-name.ts'
import type { Fault, Scope } from '../kind.ts'
import type { ContextMember, Placement, Policy } from '../types.ts'
import { compileExposure } from './exposure.ts'
import { compileMatch } from './match.ts'
import { createEvaluation } from './policy-evaluation.ts'
import { compileInjections, placementScope } from './policy-injections.ts'
import type { PolicyConfig } from './policy-schema.ts'
import { compileSource, hasSource, type PolicyOptions } from './policy-source.ts'

/** The `order` of a policy that writes none. */
export const DEFAULT_ORDER = 50

/** Compiles one policy document; undefined only after an error was reported. */
export async function compilePolicy(
  config: PolicyConfig,
  scope: Scope,
  options: PolicyOptions,
): Promise<Policy | undefined> {
  const { name, order = DEFAULT_ORDER, match: { route, ...match } = {}, exposeToClient } = config
  const when = config.when === undefined ? undefined : compileWhen(config.when, scope)
  const injections = compileInjections(config, scope)
  const exposeIn = exposeToClient && compileExposure(exposeToClient, scope)
  const source = await compileSource(config, scope, options)
  if (!injections || (hasSource(config) && !source)) return undefined
  if ((config.when !== undefined && !when) || (exposeToClient && !exposeIn)) return undefined

  const values = injections.flatMap(({ value }) => value ?? [])
  const readers = [source, when, ...values].filter((reader) => reader !== undefined)
  const reads = new Set(readers.flatMap((reader) => [...reader.reads]))
  const placements = injections.map(({ placement }) => placement)
  const bodyAt = placements.findIndex(({ needsBody }) => needsBody)
  if (bodyAt >= 0 && reads.has('body')) {
    placementScope(config.inject, bodyAt, scope).report([], HASHED_BODY)
    return undefined
  }
  const readsPayload = reads.has('payload') || placements.some((place) => place.readsPayload)
  return {
    name,
    order,
    ...(route !== undefined && { route }),
    needsBody: readsPayload || reads.has('body') || placements.some((place) => place.needsBody),
    readsPayload,
    headerNames: headerNames(config, placements, reads),
    publicKeys: source?.publicKeys ?? [],
    matches: compileMatch(match),
    close: () => source?.close(),
    evaluate: createEvaluation({
      config,
      source,
      injections,
      when,
      whenAt: scope.locate(['when']),
      exposeIn,
    }),
  }
}

/** The upstream would hash another body than the one that the credential tells of. */
const HASHED_BODY: Fault = {
  severity: 'error',
  rule: 'inject/hashed-body',
  message: 'expected a place outside of the body, which an expression of this policy hashes',
  hint: 'put the credential in a header, or leave $bodyHash out',
}

/** Compiles `when`; undefined after an error was reported. `scope` is that of the policy. */
export function compileWhen(text: string, scope: Scope): Value | undefined {
  const when = compileExpression(text, scope.at('when'))
  if (when?.constant === undefined || typeof when.constant === 'boolean') return when
  scope.report(['when'], {
    severity: 'error',
    rule: 'policy/when',
    message: 'expected "when" to give a boolean',
  })
  return undefined
}

function headerNames(
  config: PolicyConfig,
  placements: readonly Placement[],
  reads: ReadonlySet<ContextMember>,
): ReadonlySet<string> {
  const injected = placements.flatMap((placement) => placement.headerNames)
  const matched = Object.keys(config.match?.headers ?? {})
  const read = [...reads].flatMap((member) => (/^header (.+)$/.exec(member) ?? []).slice(1))
  const folded = [...matched, ...read].map((name) => (name === '*' ? name : fold(name)))
  return new Set([...injected, ...folded])
}
