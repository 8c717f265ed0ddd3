import { CountersignError } from '../errors.ts'
import type { Fault, Scope } from '../kind.ts'
import type { Json, JsonObject, RequestContext } from '../types.ts'
import { type Assembly, type ClaimPath, put } from './claim-path.ts'
import { type Computed, isUnshared, proveAll } from './computed.ts'
import { chain, type Eventual } from './eventual.ts'
import { compileMember, type Member, type MemberConfig, type MemberShape } from './member.ts'
import type { MemberPlace } from './member-place.ts'
import { allReads } from './reads.ts'

/** What holds for all members of one list. */
export interface MemberRules extends MemberShape {
  /** Names that something else sets, so that no entry may, and what to say to one that does. */
  readonly reserved: ReadonlyMap<string, Pick<Fault, 'message' | 'hint'>>
  /** Names that only an entry of literal name may set. Default none. */
  readonly literal?: ReadonlySet<string>
  /** Members that stand before those of the list; entries of literal name may replace them. Default none. */
  readonly base?: JsonObject
}

/** Members of a JSON object, computed from a request: throws `claim/…`, `expr/…`. */
export interface MemberList extends Computed<JsonObject> {
  /** Top-level names that are known without a request. */
  readonly names: ReadonlySet<string>
}

/** Compiles a list of claims; what cannot work in any request is reported at its place. */
export function compileMembers(configs: readonly MemberConfig[], rules: MemberRules): MemberList {
  const known: Assembly = { result: {} }
  const members = configs.flatMap((config) => {
    const member = compileMember(config, rules)
    if (!member) return []
    checkName(member, known, rules, config.nameScope)
    return [member]
  })
  const evaluate = evaluation(members, rules)
  const settled = members.filter(({ volatile }) => !volatile)
  const isVolatile = settled.length < members.length
  return {
    constant: settled.every(({ constant }) => constant),
    names: new Set(Object.keys(known.result)),
    volatile: isVolatile,
    reads: allReads(members),
    unshared: members.filter(isUnshared).map(({ scope }) => scope),
    prove: (own) => proveAll(members.map(provable), own),
    evaluate,
    settled: isVolatile ? evaluation(settled, rules) : evaluate,
  }
}

function checkName(
  { path, written }: Member,
  known: Assembly,
  { reserved }: MemberRules,
  scope: Scope,
): void {
  if (!path) return
  const repeated = { message: `expected "${written}" once`, hint: 'keep one of the two' }
  const isNew = put(known, path, true)
  const fault = reserved.get(path[0] as string) ?? (isNew ? undefined : repeated)
  if (fault) scope.report([], { severity: 'error', rule: 'claim/duplicate', ...fault })
}

function provable(member: Member) {
  const { pathFor, valueFor } = member
  const evaluate = (context: RequestContext) =>
    chain(pathFor(context), (path) => valueFor(context, path))
  return { ...member, evaluate }
}

/** The members put together so far. */
interface Draft extends Assembly {
  /** The first member that stands where it must not: told when all have a value. */
  clash?: MemberPlace
}

function evaluation(members: readonly Member[], rules: MemberRules): MemberList['evaluate'] {
  const { base } = rules

  // No promise, and nothing beside the result, unless an expression takes time.
  function finish(draft: Draft, from: number, context: RequestContext): Eventual<JsonObject> {
    for (let index = from; index < members.length; index += 1) {
      const pending = add(draft, members[index] as Member, context)
      if (pending) return pending.then(() => finish(draft, index + 1, context))
    }
    if (draft.clash === undefined) return base ? { ...base, ...draft.result } : draft.result
    const message = 'expected a computed name that nothing else sets or reserves'
    throw new CountersignError('claim/duplicate', message, draft.clash)
  }

  function add(draft: Draft, member: Member, context: RequestContext): Promise<void> | undefined {
    const path = member.path ?? member.pathFor(context)
    return path instanceof Promise
      ? path.then((computed) => addAt(draft, member, computed, context))
      : addAt(draft, member, path, context)
  }

  function addAt(
    draft: Draft,
    member: Member,
    path: ClaimPath,
    context: RequestContext,
  ): Promise<void> | undefined {
    const value = member.valueFor(context, path)
    if (value instanceof Promise) return value.then((later) => place(draft, member, path, later))
    place(draft, member, path, value)
    return undefined
  }

  function place(draft: Draft, member: Member, path: ClaimPath, value: Json | undefined): void {
    if (value === undefined) return
    // a request must not choose what it replaces
    const isTaken = member.path === undefined && isKept(path[0] as string, rules)
    if (isTaken || !put(draft, path, value)) draft.clash ??= member.place
  }

  const evaluate = (context: RequestContext) => finish({ result: {} }, 0, context)
  if (!members.every(({ constant }) => constant)) return evaluate
  let same: Eventual<JsonObject> | undefined
  return (context) => {
    same ??= evaluate(context)
    return same
  }
}

function isKept(name: string, { reserved, literal, base }: MemberRules): boolean {
  return reserved.has(name) || literal?.has(name) || (base && Object.hasOwn(base, name)) || false
}
