import { CountersignError } from '../errors.ts'
import type { Fault, Scope } from '../kind.ts'
import type { Json, JsonObject, RequestContext } from '../types.ts'
import { chain, type Eventual, inOrder } from './eventual.ts'
import {
  compileMember,
  type Member,
  type MemberConfig,
  type MemberEntry,
  type Mismatch,
} from './member.ts'
import type { Value } from './value.ts'

/** What holds for all members of one list. */
export interface MemberRules {
  /** Names that something else sets, so that no entry may, and what to say to one that does. */
  readonly reserved: ReadonlyMap<string, Pick<Fault, 'message' | 'hint'>>
  readonly mismatch: Mismatch
  /** Members that stand before those of the list, which may replace them. Default none. */
  readonly base?: JsonObject
}

/** Members of a JSON object, computed from a request. */
export interface MemberList {
  /** True when every request gives the same members: the same object then. */
  readonly constant: boolean
  readonly volatile: boolean
  readonly reads: Value['reads']
  /** Names that are known without a request. */
  readonly names: ReadonlySet<string>
  /** Throws `claim/missing`, `claim/type`, `claim/duplicate`, `expr/…`. */
  evaluate(context: RequestContext): Eventual<JsonObject>
}

/** Compiles a list of claims; what cannot work in any request is reported at its place. */
export function compileMembers(configs: readonly MemberConfig[], rules: MemberRules): MemberList {
  const names = new Set<string>()
  const members = configs.flatMap((config) => {
    const member = compileMember(config, rules.mismatch)
    if (!member) return []
    const name = member.name.constant
    if (typeof name === 'string') checkName(name, names, rules, config.nameScope)
    return [member]
  })
  const values = members.flatMap(({ name, value }) => [name, value])
  const constant = values.every((value) => value.constant !== undefined)
  const evaluate = (context: RequestContext) =>
    chain(
      inOrder(members, (member) => member.evaluate(context)),
      (entries) => assemble(entries, members, rules),
    )
  let same: Eventual<JsonObject> | undefined
  return {
    constant,
    names,
    volatile: values.some(({ volatile }) => volatile),
    reads: new Set(values.flatMap(({ reads }) => [...reads])),
    evaluate(context) {
      if (!constant) return evaluate(context)
      same ??= evaluate(context)
      return same
    },
  }
}

function checkName(
  name: string,
  names: Set<string>,
  { reserved }: MemberRules,
  scope: Scope,
): void {
  const repeated = { message: `expected "${name}" once`, hint: 'keep one of the two' }
  const fault = reserved.get(name) ?? (names.has(name) ? repeated : undefined)
  if (fault) scope.report([], { severity: 'error', rule: 'claim/duplicate', ...fault })
  names.add(name)
}

function assemble(
  entries: readonly MemberEntry[],
  members: readonly Member[],
  { reserved, base }: MemberRules,
): JsonObject {
  const result: Record<string, Json> = {}
  for (const [index, [name, value]] of entries.entries()) {
    if (value === undefined) continue
    if (reserved.has(name) || Object.hasOwn(result, name)) {
      const message = 'expected a computed name that nothing else sets'
      throw new CountersignError('claim/duplicate', message, members[index]?.place)
    }
    define(result, name, value)
  }
  return base ? { ...base, ...result } : result
}

// Assignment would take `__proto__` for the prototype.
function define(target: Record<string, Json>, name: string, value: Json): void {
  if (name !== '__proto__') target[name] = value
  else {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
}
