import { evaluateAt, type Value } from '../claims/index.ts'
import { CountersignError, withPlace } from '../errors.ts'
import type {
  Credential,
  CredentialSource,
  Placement,
  Policy,
  PolicyResult,
  RequestContext,
  RequestPatch,
} from '../types.ts'
import type { PolicyConfig } from './policy-schema.ts'

/** A placement and what happens to a value that the client sent there. */
export interface Injection {
  readonly placement: Placement
  readonly overwrite: 'always' | 'ifAbsent' | 'fail'
}

/** The compiled parts of one policy. */
export interface Parts {
  readonly config: Pick<PolicyConfig, 'name' | 'saveAs' | 'onFailure'>
  readonly source: CredentialSource
  readonly injections: readonly Injection[]
  readonly when: Value | undefined
  /** `file:line:col` of `when`. */
  readonly whenAt: string
}

/** Makes the one thing that a policy does to a request out of its parts. */
export function createEvaluation(parts: Parts): Policy['evaluate'] {
  const { config, source, injections, when, whenAt } = parts
  const { name: policy, saveAs, onFailure } = config
  const cleared = injections
    .filter(({ overwrite }) => overwrite !== 'ifAbsent')
    .map(({ placement }) => placement.clear())
  return async (context) => {
    try {
      if (when && !(await holds(when, whenAt, context))) {
        return { policy, applied: false, patches: cleared }
      }
      const open = injections.filter((injection) => isOpen(injection, context))
      if (open.length === 0 && saveAs === undefined) return { policy, applied: true, patches: [] }
      const credential = await source.issue(context)
      return {
        policy,
        applied: true,
        patches: patchesOf(credential, open),
        ...(credential.trace && { trace: credential.trace }),
        ...(saveAs !== undefined && { saved: savedToken(saveAs, credential) }),
      }
    } catch (error) {
      const failure = withPlace(error, { policy })
      if (onFailure !== 'passThrough') throw failure
      return { policy, applied: false, patches: cleared, failure }
    }
  }
}

async function holds(when: Value, at: string, context: RequestContext): Promise<boolean> {
  const place = { claim: 'when', at }
  const result = await evaluateAt(when, context, place)
  if (typeof result === 'boolean') return result
  throw new CountersignError('expr/failed', 'expected "when" to give a boolean', place)
}

function isOpen({ placement, overwrite }: Injection, context: RequestContext): boolean {
  if (overwrite === 'always' || !placement.occupied(context)) return true
  if (overwrite === 'ifAbsent') return false
  const message = `expected no value from the client at "${placement.place}"`
  throw new CountersignError('inject/occupied', message)
}

function patchesOf(
  { value, companions }: Credential,
  open: readonly Injection[],
): Partial<RequestPatch>[] {
  const patches = open.map(({ placement }) => placement.put(value))
  if (!companions) return patches
  return [...patches, { removeHeaders: Object.keys(companions), setHeaders: companions }]
}

function savedToken(
  name: string,
  { value, token, expiresAt }: Credential,
): NonNullable<PolicyResult['saved']> {
  const times = expiresAt === undefined ? {} : { expiresAt }
  return { name, value, token: { claims: {}, header: {}, ...token, ...times } }
}
