import type { Fault, Scope } from '../kind.ts'
import type { Policy } from '../policy.ts'
import type { ContextMember, Placement } from '../types.ts'
import { compileCondition } from './condition.ts'
import { compileExposure } from './exposure.ts'
import { headersRead } from './headers-read.ts'
import { compileMatch, headersMatched } from './match.ts'
import { createEvaluation } from './policy-evaluation.ts'
import { compileInjections, placementScope } from './policy-injections.ts'
import type { Injection } from './policy-parts.ts'
import type { PolicyConfig } from './policy-schema.ts'
import { compileSource, hasSource, type PolicyOptions } from './policy-source.ts'

/** The `order` of a policy that writes none. */
export const DEFAULT_ORDER = 50

/** A compiled policy and where it writes, by which several of them are compared. */
export interface CompiledPolicy extends Policy {
  readonly injections: readonly Injection[]
}

/** Compiles one policy document; undefined only after an error was reported. */
export async function compilePolicy(
  config: PolicyConfig,
  scope: Scope,
  options: PolicyOptions,
): Promise<CompiledPolicy | undefined> {
  const { name, order = DEFAULT_ORDER, match: { route, ...match } = {}, exposeToClient } = config
  const when =
    config.when === undefined ? undefined : compileCondition(config.when, scope.at('when'), WHEN)
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
    ...(route !== undefined && { routes: [route].flat() }),
    criteria: compileMatch(match, scope.at('match')),
    needsBody: readsPayload || reads.has('body') || placements.some((place) => place.needsBody),
    readsPayload,
    headerNames: headerNames(config, placements, reads),
    publicKeys: source?.publicKeys ?? [],
    injections,
    close: () => source?.close(),
    evaluate: createEvaluation({
      config,
      source,
      injections,
      when,
      exposeIn,
    }),
  }
}

/** What `when` is compiled with. */
export const WHEN = { key: 'when', rule: 'policy/when' } as const

/** The upstream would hash another body than the one that the credential tells of. */
const HASHED_BODY: Fault = {
  severity: 'error',
  rule: 'inject/hashed-body',
  message: 'expected a place outside of the body, which an expression of this policy hashes',
  hint: 'put the credential in a header, or leave $bodyHash out',
}

function headerNames(
  config: PolicyConfig,
  placements: readonly Placement[],
  reads: ReadonlySet<ContextMember>,
): ReadonlySet<string> {
  const injected = placements.flatMap((placement) => placement.headerNames)
  const names = new Set([...injected, ...headersMatched(config.match), ...headersRead(reads)])
  const id = [...names].join()
  const known = NAMES.get(id) ?? names
  if (NAMES.size === MOST) NAMES.clear()
  NAMES.set(id, known)
  return known
}

/** The sets that there are: thousands of policies read and set the same few fields. */
const NAMES = new Map<string, ReadonlySet<string>>()
const MOST = 1000
