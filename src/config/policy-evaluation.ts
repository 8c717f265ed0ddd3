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
  const { config, source, injections, when, exposeIn } = parts
  const { name: policy, saveAs, onFailure } = config
  const hasValues = injections.some(({ value }) => value !== undefined)
  const isUsedElsewhere = saveAs !== undefined || exposeIn !== undefined
  const cleared = injections
    .filter(({ overwrite }) => overwrite !== 'ifAbsent')
    .map(({ placement }) => placement.clear())
  return async (context, before = { taken: new Set(), head: context.attributes }) => {
    try {
      if (when && !(await when.holds(context))) {
        return { policy, applied: false, patches: cleared, places: [] }
      }
      const open = injections.filter((injection) => isOpen(injection, context, before))
      const isNeeded = isUsedElsewhere || open.some(({ value }) => !value)
      const credential = isNeeded ? await source?.issue(context) : undefined
      const saved = credential && saveAs !== undefined && savedToken(saveAs, credential)
      const seen = saved && hasValues ? withToken(context, saved) : context
      const patches = hasValues
        ? await patchesOf(open, credential, seen)
        : open.map((injection) => putCredential(injection, credential))
      return {
        policy,
        applied: true,
        patches: withCompanions(patches, credential),
        places: open.map(({ placement }) => placement.place),
        ...(credential && { credential: credential.value }),
        ...(credential?.trace && { trace: credential.trace }),
        ...(credential?.expiresAt !== undefined && { expiresAt: credential.expiresAt }),
        ...(credential?.isSingleUse && { isSingleUse: true }),
        ...(saved && { saved }),
        ...(credential &&
          exposeIn !== undefined && {
            exposed: { header: exposeIn, value: sendable(credential.value) },
          }),
      }
    } catch (error) {
      const failure = withPlace(error, { policy })
      if (onFailure !== 'passThrough') throw failure
      return { policy, applied: false, patches: cleared, places: [], failure }
    }
  }
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
  patches: Partial<RequestPatch>[],
  { companions }: Partial<Credential> = {},
): readonly Partial<RequestPatch>[] {
  if (!companions) return patches
  return [...patches, { removeHeaders: Object.keys(companions), setHeaders: companions }]
}

function savedToken(name: string, { value, token, expiresAt }: Credential): Saved {
  const times = expiresAt === undefined ? {} : { expiresAt }
  return { name, value, token: { claims: {}, header: {}, ...token, ...times } }
}

/** The context as the values of this very policy see it. */
function withToken(context: RequestContext, { name, value, token }: Saved): RequestContext {
  const own = { [name]: { ...token, value: value.reveal() } }
  return { ...context, tokens: Object.assign(Object.create(null), context.tokens, own) }
}
