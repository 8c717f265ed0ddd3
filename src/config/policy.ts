import { compileExpression, compileValue, type Value } from '../claims/index.ts'
import { type CredentialKind, credentialKinds } from '../credentials/index.ts'
import { fold } from '../header-name.ts'
import { placementSchema } from '../inject/index.ts'
import type { Scope } from '../kind.ts'
import type { ContextMember, CredentialSource, Placement, Policy } from '../types.ts'
import { compileMatch } from './match.ts'
import { createEvaluation } from './policy-evaluation.ts'
import { compileInjections, compilePlacements, placementScope } from './policy-injections.ts'
import { CREDENTIAL_KEYS, type PolicyConfig } from './policy-schema.ts'

/** Compiles one policy document; undefined only after an error was reported. */
export async function compilePolicy(
  config: PolicyConfig,
  scope: Scope,
): Promise<Policy | undefined> {
  const { name, order = 50, match: { route, ...match } = {} } = config
  const when = config.when === undefined ? undefined : compileWhen(config.when, scope)
  const injections = compileInjections(config, scope)
  const source = await compileSource(config, scope)
  if (!source || !injections || (config.when !== undefined && !when)) return undefined

  const reads = new Set([...source.reads, ...(when?.reads ?? [])])
  const placements = injections.map(({ placement }) => placement)
  const readsPayload = reads.has('payload') || placements.some((place) => place.readsPayload)
  return {
    name,
    order,
    ...(route !== undefined && { route }),
    needsBody: readsPayload || reads.has('body') || placements.some((place) => place.needsBody),
    readsPayload,
    headerNames: headerNames(config, placements, reads),
    publicKeys: source.publicKeys,
    matches: compileMatch(match),
    evaluate: createEvaluation({
      config,
      source,
      injections,
      when,
      whenAt: scope.locate(['when']),
    }),
  }
}

/**
 * Reports what can be found wrong in a document beside what its schema said: it looks into every part that
 * fits for itself, and for expressions and keys in the others.
 */
export async function inspectPolicy(document: unknown, scope: Scope): Promise<void> {
  if (!isMap(document)) return
  const { when, inject } = document
  if (typeof when === 'string') {
    // what is no expression was refused as such
    if (when.startsWith('#[')) compileWhen(when, scope)
    else compileValue(when, scope.at('when'))
  }
  const placements = [inject].flat().map((entry) => placementSchema.safeParse(entry).data)
  compilePlacements(placements, (index) => placementScope(inject, index, scope))
  for (const key of CREDENTIAL_KEYS) {
    const part = document[key]
    if (!isMap(part)) continue
    const kind = credentialKinds[key]
    const config = kind.schema.safeParse(part)
    if (config.success) await kind.create(config.data, scope.at(key))
    else await kind.inspect(part, scope.at(key))
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function compileWhen(text: string, scope: Scope): Value | undefined {
  const when = compileExpression(text, scope.at('when'))
  if (when?.constant === undefined || typeof when.constant === 'boolean') return when
  scope.report(['when'], {
    severity: 'error',
    rule: 'policy/when',
    message: 'expected "when" to give a boolean',
  })
  return undefined
}

async function compileSource(
  config: PolicyConfig,
  scope: Scope,
): Promise<CredentialSource | undefined> {
  for (const key of CREDENTIAL_KEYS) {
    const part = config[key]
    // each kind was given its own part by the schema
    const kind = credentialKinds[key] as CredentialKind<typeof part>
    if (part !== undefined) return kind.create(part, scope.at(key))
  }
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
