import {
  type Admission,
  type AdmissionContext,
  type Admitted,
  NOBODY,
  type Peer,
} from '../admission.ts'
import { CountersignError, withPlace } from '../errors.ts'
import type { RequestContext } from '../types.ts'
import type { Authenticator, Evidence, Refusal } from './authenticator.ts'
import type { NamedAuthenticator } from './named-authenticator.ts'
import { compileRemoval } from './removal.ts'

/** What a route asks of its callers. */
export interface AdmissionOptions {
  /** In order; the first that finds its kind of credential decides. Absent: nobody is asked. */
  readonly authenticators?: readonly NamedAuthenticator[]
  /** Further authenticators of the file, whose forged credentials are taken off here, too. */
  readonly others: readonly NamedAuthenticator[]
  /** False for a caller that may not use the route. Throws `expr/…`. */
  readonly allow?: (context: RequestContext) => boolean | Promise<boolean>
  /** Folded names of the header fields that `allow` reads, or `*` for all. */
  readonly allowReads?: readonly string[]
}

/** A caller, before the route was asked whether it may pass. */
interface Recognised extends Omit<Admitted, 'patch'> {
  readonly isAnonymous: boolean
}

/** What an authenticator found and did not accept. */
interface Refused extends Refusal {
  readonly authenticator: string
  readonly kind: string
}

/** Makes the admission of a route out of its authenticators and its `allow`. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { authenticators, others, allow, allowReads = [] } = options
  const listed = authenticators ?? []
  const isOpen = !authenticators && !allow
  const enabled = listed.filter((named) => named.enabled)
  const removalFor = compileRemoval(listed, others)
  async function ask(context: AdmissionContext, evidence: Evidence): Promise<Admitted> {
    const recognised = authenticators ? await recognise(enabled, evidence) : unasked(evidence.peer)
    if (allow) await checkAllowed(allow, context, recognised, enabled)
    return admitted(recognised, evidence)
  }
  function admitted({ isAnonymous, ...caller }: Recognised, evidence: Evidence): Admitted {
    const patch = removalFor(evidence, caller.authenticator)
    return patch ? { ...caller, patch } : caller
  }
  function admitUnasked({ authentication = NOBODY }: Peer, evidence: Evidence): Admitted {
    const patch = removalFor(evidence, undefined)
    return patch ? { authentication, patch } : { authentication }
  }
  return {
    headerNames: new Set([
      ...listed.flatMap(({ authenticator }) => authenticator.headerNames),
      ...allowReads,
    ]),
    isOpen,
    admit(context, peer) {
      const evidence = { head: context.attributes, peer }
      return isOpen ? admitUnasked(peer, evidence) : ask(context, evidence)
    },
  }
}

function unasked({ authentication = NOBODY }: Peer): Recognised {
  return { authentication, isAnonymous: authentication.principal === undefined }
}

async function recognise(
  authenticators: readonly NamedAuthenticator[],
  evidence: Evidence,
): Promise<Recognised> {
  let refused: Refused | undefined
  for (const { name, kind, authenticator } of authenticators) {
    // a credential was found: only those of its kind may know it yet, and its caller is never anonymous
    if (refused && refused.kind !== kind) continue
    const finding = await examine(name, authenticator, evidence)
    if (!finding) continue
    if ('caller' in finding) {
      const { admitsAnyone: isAnonymous = false } = authenticator
      return { authentication: finding.caller, authenticator: name, isAnonymous }
    }
    const { foreign = false } = finding.refused
    // whose credential it is knows best why it is refused
    if (!refused || !foreign) refused = { ...finding.refused, authenticator: name, kind }
    if (!foreign) break
  }
  throw refused ? invalid(refused, authenticators) : missing(authenticators)
}

async function examine(name: string, authenticator: Authenticator, evidence: Evidence) {
  try {
    return await authenticator.examine(evidence)
  } catch (error) {
    throw withPlace(error, { authenticator: name })
  }
}

function missing(authenticators: readonly NamedAuthenticator[]): CountersignError {
  return new CountersignError(
    'auth/invalid',
    'expected a credential that the route asks for',
    { reason: 'missing' },
    { challenges: challengesOf(authenticators) },
  )
}

function invalid(
  { authenticator, reason, field }: Refused,
  authenticators: readonly NamedAuthenticator[],
) {
  const what = field === undefined ? reason : `${reason} "${field}"`
  return new CountersignError(
    'auth/invalid',
    `expected a credential that can be accepted: ${what}`,
    { authenticator, reason, ...(field !== undefined && { field }) },
    { challenges: challengesOf(authenticators, authenticator) },
  )
}

async function checkAllowed(
  allow: NonNullable<AdmissionOptions['allow']>,
  context: AdmissionContext,
  { authentication, authenticator, isAnonymous }: Recognised,
  authenticators: readonly NamedAuthenticator[],
): Promise<void> {
  const recognisedBy = authenticator === undefined ? {} : { authenticator }
  try {
    if (await allow({ ...context, authentication, tokens: {} })) return
  } catch (error) {
    throw withPlace(error, recognisedBy)
  }
  const message = 'expected a caller that the route allows'
  const place = { reason: 'not-allowed', ...recognisedBy }
  const challenges = challengesOf(authenticators)
  // a caller that could say who it is may be allowed then
  if (isAnonymous && challenges.length > 0) {
    throw new CountersignError('auth/invalid', message, place, { challenges })
  }
  throw new CountersignError('auth/forbidden', message, place)
}

/** One challenge (RFC 9110 section 11.6.1) for each way in; two authenticators may have the same. */
function challengesOf(authenticators: readonly NamedAuthenticator[], refused?: string): string[] {
  const texts = authenticators.map(({ name, authenticator }) =>
    authenticator.challenge(name === refused),
  )
  return [...new Set(texts)].filter((text) => text !== '')
}
