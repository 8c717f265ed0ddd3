import { CountersignError } from '../errors.ts'
import type { Fault, Scope } from '../kind.ts'
import type { JsonObject, RequestContext } from '../types.ts'
import { type Assembly, put } from './claim-path.ts'
import { type Computed, isUnshared, proveAll } from './computed.ts'
import { chain, type Eventual, inOrder } from './eventual.ts'
import {
  compileMember,
  type Member,
  type MemberConfig,
  type MemberEntry,
  type MemberShape,
} from './member.ts'

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
    reads: new Set(members.flatMap(({ reads }) => [...reads])),
    unshared: members.filter(isUnshared).map(({ scope }) => scope),
    prove: (own) => proveAll(members, own),
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

function evaluation(members: readonly Member[], rules: MemberRules): MemberList['evaluate'] {
  const evaluate = (context: RequestContext) =>
    chain(
      inOrder(members, (member) => member.evaluate(context)),
      (entries) => assemble(entries, members, rules),
    )
  if (!members.every(({ constant }) => constant)) return evaluate
  let same: Eventual<JsonObject> | undefined
  return (context) => {
    same ??= evaluate(context)
    return same
  }
}

function assemble(
  entries: readonly MemberEntry[],
  members: readonly Member[],
  { reserved, literal, base }: MemberRules,
): JsonObject {
  const assembly: Assembly = { result: {} }
  // a request must not choose what it replaces
  const isKept = (name: string) => literal?.has(name) || (base && Object.hasOwn(base, name))
  for (const [index, [path, value]] of entries.entries()) {
    if (value === undefined) continue
    const { place, path: known } = members[index] as Member
    const name = path[0] as string
    if (reserved.has(name) || (!known && isKept(name)) || !put(assembly, path, value)) {
      const message = 'expected a computed name that nothing else sets or reserves'
      throw new CountersignError('claim/duplicate', message, place)
    }
  }
  return base ? { ...base, ...assembly.result } : assembly.result
}
