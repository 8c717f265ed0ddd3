import { CountersignError } from '../errors.ts'
import { TOKEN_ROOTS } from '../expression/index.ts'
import type { Scope } from '../kind.ts'
import type { Json, RequestContext } from '../types.ts'
import type { ClaimPath } from './claim-path.ts'
import { type ClaimType, convert } from './claim-type.ts'
import { chain, type Eventual } from './eventual.ts'
import { compileName, type MemberName } from './member-name.ts'
import { evaluateAt } from './member-place.ts'
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

/** Where a member stands and its value for one request; no value when it is to be left out. */
export type MemberEntry = readonly [path: ClaimPath, value: Json | undefined]

/** One member of a JSON object, computed from a request. */
export interface Member extends Pick<MemberName, 'path' | 'place' | 'volatile' | 'reads'> {
  /** The name as the file has it. */
  readonly written: string
  /** Where the value stands in the file. */
  readonly scope: Scope
  /** True when no request decides anything of it. */
  readonly constant: boolean
  /** Throws `claim/missing`, `claim/type`, `expr/…`. */
  evaluate(context: RequestContext): Eventual<MemberEntry>
}

/** Compiles one member; undefined after what cannot work in any request was reported at its place. */
export function compileMember(config: MemberConfig, shape: MemberShape): Member | undefined {
  const { name: written, nameScope, valueScope } = config
  const name = compileName(written, shape.pointers ?? false, nameScope)
  const value = compileValue(config.value, valueScope, TOKEN_ROOTS)
  if (!name || !value || !checkConstants(name, value, config, shape)) return undefined
  const { claim } = name.place
  const valuePlace = { claim, at: valueScope.locate([]) }

  function fitted(found: Json | undefined, path: ClaimPath): Json | undefined {
    const { type, onMissing = 'error' } = config
    if (found === undefined && onMissing === 'omit') return undefined
    if (found === undefined && onMissing === 'error') {
      throw new CountersignError('claim/missing', `expected a value for "${claim}"`, valuePlace)
    }
    const result =
      found === undefined
        ? conform(null, undefined, path, shape)
        : conform(found, type, path, shape)
    if ('value' in result) return result.value
    const message = `expected "${claim}" to be ${result.expected}`
    throw new CountersignError('claim/type', message, valuePlace)
  }

  return {
    ...(name.path && { path: name.path }),
    written,
    scope: valueScope,
    place: name.place,
    constant: name.path !== undefined && value.constant !== undefined,
    volatile: name.volatile || value.volatile,
    reads: new Set([...name.reads, ...value.reads]),
    evaluate: (context) =>
      chain(name.evaluate(context), (path) =>
        chain(evaluateAt(value, context, valuePlace), (found): MemberEntry => {
          return [path, fitted(found, path)]
        }),
      ),
  }
}

function checkConstants(
  { path }: MemberName,
  value: Value,
  { name: written, type, onMissing, nameScope, valueScope }: MemberConfig,
  shape: MemberShape,
): boolean {
  const faults: (readonly [Scope, string])[] = []
  const isRefused = (constant: Json) => 'expected' in conform(constant, undefined, path, shape)
  if (onMissing === 'null' && isRefused(null)) {
    const message = `expected onMissing error or omit for "${written}", which cannot be null`
    faults.push([nameScope, message])
  }
  const fitted = value.constant === undefined ? {} : conform(value.constant, type, path, shape)
  if ('expected' in fitted) {
    faults.push([valueScope, `expected "${written}" to be ${fitted.expected}`])
  }
  for (const [scope, message] of faults) {
    scope.report([], { severity: 'error', rule: 'claim/type', message })
  }
  return faults.length === 0
}

/** The value as its type and its name ask for, or in words what it would have to be. */
function conform(
  value: Json,
  type: ClaimType | undefined,
  path: ClaimPath | undefined,
  { mismatch }: MemberShape,
): { readonly value: Json } | { readonly expected: string } {
  const converted = type === undefined ? value : convert(value, type)
  if (converted === undefined) return { expected: `of type ${type}` }
  const top = path?.[0]
  if (top === undefined) return { value: converted }
  const isNested = path !== undefined && path.length > 1
  const expected = mismatch(top, isNested ? {} : converted)
  if (expected === undefined) return { value: converted }
  return { expected: isNested ? `in an object, but "${top}" is ${expected}` : expected }
}
