import { chain, type Eventual } from '../claims/index.ts'
import { CountersignError, withPlace } from '../errors.ts'
import { sendable } from '../inject/index.ts'
import type { BeforePolicy, Policy, PolicyResult } from '../policy.ts'
import type {
  Credential,
  CredentialSource,
  Placement,
  RequestContext,
  RequestPatch,
} from '../types.ts'
import type { Condition } from './condition.ts'
import type { InjectedValue } from './injected-value.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A placement and what happens to a value that the client sent there. */
export interface Injection {
  readonly placement: Placement
  readonly overwrite: 'always' | 'ifAbsent' | 'fail'
  /** False when `overwrite` is left out. */
  readonly isDecided: boolean
  /** What goes there in place of the credential. */
  readonly value?: InjectedValue
}

/** The compiled parts of one policy. */
export interface Parts {
  readonly config: Pick<PolicyConfig, 'name' | 'saveAs' | 'onFailure'>
  /** Absent when every injection has a value of its own. */
  readonly source: CredentialSource | undefined
  readonly injections: readonly Injection[]
  readonly when: Condition | undefined
  /** Lower-case name of the field that gives the credential to the caller. */
  readonly exposeIn: string | undefined
}

type Saved = NonNullable<PolicyResult['saved']>

/** Makes the one thing that a policy does to a request out of its parts. */
export function createEvaluation(parts: Parts): Policy['evaluate'] {
  const { config, source, injections, when } = parts
  const { name: policy, onFailure } = config
  const isUsedElsewhere = config.saveAs !== undefined || parts.exposeIn !== undefined
  const isAlwaysOpen = injections.every(({ overwrite }) => overwrite === 'always')
  const cleared = injections
    .filter(({ overwrite }) => overwrite !== 'ifAbsent')
    .map(({ placement }) => placement.clear())
  const skipped: PolicyResult = { policy, applied: false, patches: cleared, places: [] }
  const put = createPutting(parts)

  function apply(context: RequestContext, before: BeforePolicy): Eventual<PolicyResult> {
    const open = isAlwaysOpen
      ? injections
      : injections.filter((injection) => isOpen(injection, context, before))
    const isNeeded = isUsedElsewhere || open.some(({ value }) => !value)
    if (!source || !isNeeded) return put(open, undefined, context)
    return chain(source.issue(context), (credential) => put(open, credential, context))
  }
  function fail(error: unknown): PolicyResult {
    const failure = withPlace(error, { policy })
    if (onFailure !== 'passThrough') throw failure
    return { ...skipped, failure }
  }
  return (context, before = { taken: new Set(), head: context.attributes }) => {
    try {
      const result = when
        ? chain(when.holds(context), (holds) => (holds ? apply(context, before) : skipped))
        : apply(context, before)
      return result instanceof Promise ? result.catch(fail) : result
    } catch (error) {
      return fail(error)
    }
  }
}

type Putting = (
  open: readonly Injection[],
  credential: Credential | undefined,
  context: RequestContext,
) => Eventual<PolicyResult>

/** What a policy does once it has its credential. The same credential at the same places gives the same result. */
function createPutting({ config, injections, exposeIn }: Parts): Putting {
  const { name: policy, saveAs } = config
  const hasValues = injections.some(({ value }) => value !== undefined)
  const known = new WeakMap<Credential, PolicyResult>()

  function resultOf(
    open: readonly Injection[],
    patches: readonly Partial<RequestPatch>[],
    credential: Credential | undefined,
    saved: Saved | undefined,
  ): PolicyResult {
    return {
      policy,
      applied: true,
      patches: withCompanions(patches, credential),
      places: open.map(({ placement }) => placement.place),
      credential: credential?.value,
      trace: credential?.trace,
      expiresAt: credential?.expiresAt,
      isSingleUse: credential?.isSingleUse,
      saved,
      exposed: exposeIn === undefined ? undefined : exposure(exposeIn, credential),
    }
  }
  return (open, credential, context) => {
    const before = credential && known.get(credential)
    if (before && open.length === injections.length) return before
    const saved = savedToken(saveAs, credential)
    if (hasValues) {
      const seen = saved ? withToken(context, saved) : context
      return patchesOf(open, credential, seen).then((patches) =>
        resultOf(open, patches, credential, saved),
      )
    }
    const patches = open.map((injection) => putCredential(injection, credential))
    const result = resultOf(open, patches, credential, saved)
    if (credential && comesAgain(credential) && open.length === injections.length) {
      known.set(credential, result)
    }
    return result
  }
}

/** False for a credential that no other request gets: to remember it would cost more than to put it again. */
function comesAgain({ trace }: Credential): boolean {
  return trace?.cache === undefined || trace.cache === 'hit'
}

function isOpen(
  { placement, overwrite }: Injection,
  context: RequestContext,
  { taken, head }: BeforePolicy,
): boolean {
  if (overwrite === 'ifAbsent' && isTaken(placement.place, taken)) return false
  if (overwrite === 'always') return true
  if (!placement.occupied({ ...context, attributes: head })) return true
  if (overwrite === 'ifAbsent') return false
  const message = `expected no value from the client at "${placement.place}"`
  throw new CountersignError('inject/occupied', message)
}

// A member of the body is taken together with what it lies in, and with what lies in it.
function isTaken(place: string, taken: ReadonlySet<string>): boolean {
  if (taken.has(place) || !place.startsWith('body:/')) return taken.has(place)
  const isWithin = (inner: string, outer: string) => inner.startsWith(`${outer}/`)
  return [...taken].some((other) => isWithin(place, other) || isWithin(other, place))
}

async function patchesOf(
  open: readonly Injection[],
  credential: Credential | undefined,
  context: RequestContext,
): Promise<Partial<RequestPatch>[]> {
  const patches: Partial<RequestPatch>[] = []
  for (const injection of open) {
    const { value } = injection
    patches.push(value ? await value.put(context) : putCredential(injection, credential))
  }
  return patches
}

function putCredential(
  { placement }: Injection,
  credential: Credential | undefined,
): Partial<RequestPatch> {
  if (credential) return placement.put(credential.value)
  throw new CountersignError('internal', 'expected a credential source')
}

function withCompanions(
  patches: readonly Partial<RequestPatch>[],
  { companions }: Partial<Credential> = {},
): readonly Partial<RequestPatch>[] {
  if (!companions) return patches
  return [...patches, { removeHeaders: Object.keys(companions), setHeaders: companions }]
}

function savedToken(
  name: string | undefined,
  credential: Credential | undefined,
): Saved | undefined {
  if (name === undefined || !credential) return undefined
  const { value, token, expiresAt } = credential
  const times = expiresAt === undefined ? {} : { expiresAt }
  return { name, value, token: { claims: {}, header: {}, ...token, ...times } }
}

function exposure(header: string, credential: Credential | undefined): PolicyResult['exposed'] {
  return credential && { header, value: sendable(credential.value) }
}

/** The context as the values of this very policy see it. */
function withToken(context: RequestContext, { name, value, token }: Saved): RequestContext {
  const own = { [name]: { ...token, value: value.reveal() } }
  return { ...context, tokens: Object.assign(Object.create(null), context.tokens, own) }
}
