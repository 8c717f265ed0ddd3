import type { Eventual } from '../claims/index.ts'
import { CountersignError } from '../errors.ts'
import { sendable } from '../inject/index.ts'
import type { PolicyResult } from '../policy.ts'
import type { Credential, RequestContext, RequestPatch } from '../types.ts'
import type { Injection, Parts } from './policy-parts.ts'

type Saved = NonNullable<PolicyResult['saved']>

/** Puts a credential, or the values in its place, at the places that are open. */
type Putting = (
  open: readonly Injection[],
  credential: Credential | undefined,
  context: RequestContext,
) => Eventual<PolicyResult>

/** What a policy does once it has its credential. The same credential at the same places gives the same result. */
export function createPutting({ config, injections, exposeIn }: Parts): Putting {
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
