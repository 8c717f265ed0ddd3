import { CountersignError } from '../errors.ts'
import { TOKEN_ROOTS } from '../expression/index.ts'
import type { Scope } from '../kind.ts'
import type { Json, RequestContext } from '../types.ts'
import type { ClaimPath } from './claim-path.ts'
import { type ClaimType, convert } from './claim-type.ts'
import type { Eventual } from './eventual.ts'
import { compileName, type MemberName } from './member-name.ts'
import { evaluateAt } from './member-place.ts'
import { allReads } from './reads.ts'
import { compileValue, type Value } from './value.ts'

/** One claim or JOSE header parameter as a policy file writes it. */
export interface MemberConfig {
  readonly name: string
  readonly value: Json
  readonly type?: ClaimType | undefined
  /** What happens when the value is missing. Default `error`. */
  readonly onMissing?: 'error' | 'omit' | 'null' | undefined
  /** Where the name stands in the file. */
  readonly nameScope: Scope
  /** Where the value stands in the file. */
  readonly valueScope: Scope
}

/** What the value of the member `name` must be, in words; undefined when `value` is that. */
export type Mismatch = (name: string, value: Json) => string | undefined

/** What a member may be called and hold. */
export interface MemberShape {
  readonly mismatch: Mismatch
  /** True when a name that is written with `/` in front is a JSON pointer to a nested member. Default false. */
  readonly pointers?: boolean
}

/** One member of a JSON object, computed from a request. */
export interface Member extends Pick<MemberName, 'path' | 'place' | 'volatile' | 'reads'> {
  /** The name as the file has it. */
  readonly written: string
  /** Where the value stands in the file. */
  readonly scope: Scope
  /** True when no request decides anything of it. */
  readonly constant: boolean
  /** Where it stands. Throws `claim/missing`, `claim/type`, `expr/…`. */
  pathFor(context: RequestContext): Eventual<ClaimPath>
  /** Its value there; undefined when it is to be left out. Throws as `pathFor`. */
  valueFor(context: RequestContext, path: ClaimPath): Eventual<Json | undefined>
}

/** Compiles one member; undefined after what cannot work in any request was reported at its place. */
export function compileMember(config: MemberConfig, shape: MemberShape): Member | undefined {
  const { name: written, nameScope, valueScope } = config
  const name = compileName(written, shape.pointers ?? false, nameScope)
  const value = compileValue(config.value, valueScope, TOKEN_ROOTS)
  if (!name || !value || !checkConstants(name, value, config, shape)) return undefined
  const { claim } = name.place
  const { type, onMissing = 'error' } = config
  const valuePlace = nameScope === valueScope ? name.place : { claim, at: valueScope.locate([]) }

  function fitted(found: Json | undefined, path: ClaimPath): Json | undefined {
    if (found === undefined && onMissing === 'omit') return undefined
    if (found === undefined && onMissing === 'error') {
      throw new CountersignError('claim/missing', `expected a value for "${claim}"`, valuePlace)
    }
    const fit = found === undefined ? null : converted(found, type)
    const expected = lack(fit, type, path, shape)
    if (expected === undefined) return fit
    const message = `expected "${claim}" to be ${expected}`
    throw new CountersignError('claim/type', message, valuePlace)
  }

  const { path } = name
  const same = path && value.constant !== undefined ? fitted(value.constant, path) : undefined
  return {
    ...(path && { path }),
    written,
    scope: valueScope,
    place: name.place,
    constant: same !== undefined,
    volatile: name.volatile || value.volatile,
    reads: allReads([name, value]),
    pathFor: name.evaluate,
    valueFor(context, path) {
      if (same !== undefined) return same
      const found = evaluateAt(value, context, valuePlace)
      return found instanceof Promise
        ? found.then((result) => fitted(result, path))
        : fitted(found, path)
    },
  }
}

function checkConstants(
  { path }: MemberName,
  value: Value,
  { name: written, type, onMissing, nameScope, valueScope }: MemberConfig,
  shape: MemberShape,
): boolean {
  const faults: (readonly [Scope, string])[] = []
  if (onMissing === 'null' && lack(null, undefined, path, shape) !== undefined) {
    const message = `expected onMissing error or omit for "${written}", which cannot be null`
    faults.push([nameScope, message])
  }
  const { constant } = value
  const expected = constant !== undefined && lack(converted(constant, type), type, path, shape)
  if (expected) faults.push([valueScope, `expected "${written}" to be ${expected}`])
  for (const [scope, message] of faults) {
    scope.report([], { severity: 'error', rule: 'claim/type', message })
  }
  return faults.length === 0
}

function converted(value: Json, type: ClaimType | undefined): Json | undefined {
  return type === undefined ? value : convert(value, type)
}

/** What a converted value would have to be, in words; undefined when it is as its type and its name ask for. */
function lack(
  value: Json | undefined,
  type: ClaimType | undefined,
  path: ClaimPath | undefined,
  { mismatch }: MemberShape,
): string | undefined {
  if (value === undefined) return `of type ${type}`
  const top = path?.[0]
  if (top === undefined) return undefined
  const isNested = path !== undefined && path.length > 1
  const expected = mismatch(top, isNested ? {} : value)
  return isNested && expected !== undefined ? `in an object, but "${top}" is ${expected}` : expected
}
