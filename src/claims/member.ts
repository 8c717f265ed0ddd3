import { CountersignError, withPlace } from '../errors.ts'
import type { Scope } from '../kind.ts'
import type { Json, RequestContext } from '../types.ts'
import { type ClaimType, convert } from './claim-type.ts'
import { chain, type Eventual } from './eventual.ts'
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

/** The name of a member and its value for one request; no value when it is to be left out. */
export type MemberEntry = readonly [name: string, value: Json | undefined]

/** What errors about a member say of it. */
export interface MemberPlace {
  readonly claim: string
  /** `file:line:col`. */
  readonly at: string
}

/** One member of a JSON object, computed from a request. */
export interface Member {
  readonly name: Value
  readonly value: Value
  /** Its name in errors: one that is computed is told as it is written, for the result is text of a request. */
  readonly place: MemberPlace
  /** Throws `claim/missing`, `claim/type`, `expr/…`. */
  evaluate(context: RequestContext): Eventual<MemberEntry>
}

/** Compiles one member; undefined after what cannot work in any request was reported at its place. */
export function compileMember(config: MemberConfig, mismatch: Mismatch): Member | undefined {
  const { nameScope, valueScope } = config
  const name = compileValue(config.name, nameScope)
  const value = compileValue(config.value, valueScope)
  if (!name || !value || !checkConstants(name, value, config, mismatch)) return undefined
  const claim = typeof name.constant === 'string' ? name.constant : config.name
  const namePlace = { claim, at: nameScope.locate([]) }
  const valuePlace = { claim, at: valueScope.locate([]) }

  function fitted(found: Json | undefined, memberName: string): Json | undefined {
    const { type, onMissing = 'error' } = config
    if (found === undefined && onMissing === 'omit') return undefined
    if (found === undefined && onMissing === 'error') {
      throw new CountersignError('claim/missing', `expected a value for "${claim}"`, valuePlace)
    }
    const result =
      found === undefined
        ? conform(null, undefined, memberName, mismatch)
        : conform(found, type, memberName, mismatch)
    if ('value' in result) return result.value
    const message = `expected "${claim}" to be ${result.expected}`
    throw new CountersignError('claim/type', message, valuePlace)
  }

  return {
    name,
    value,
    place: namePlace,
    evaluate: (context) =>
      chain(evaluateName(name, context, namePlace), (memberName) =>
        chain(evaluateAt(value, context, valuePlace), (found): MemberEntry => {
          return [memberName, fitted(found, memberName)]
        }),
      ),
  }
}

/** The value for a request; what it throws says where in the file it stands. */
export function evaluateAt(
  value: Value,
  context: RequestContext,
  place: MemberPlace,
): Eventual<Json | undefined> {
  try {
    const found = value.evaluate(context)
    if (!(found instanceof Promise)) return found
    return found.catch((error: unknown) => {
      throw withPlace(error, place)
    })
  } catch (error) {
    throw withPlace(error, place)
  }
}

function evaluateName(name: Value, context: RequestContext, place: MemberPlace): Eventual<string> {
  if (typeof name.constant === 'string') return name.constant
  return chain(evaluateAt(name, context, place), (text) => {
    if (typeof text === 'string' && text !== '') return text
    const code = text === undefined ? 'claim/missing' : 'claim/type'
    throw new CountersignError(code, 'expected text that is not empty as a computed name', place)
  })
}

function checkConstants(
  name: Value,
  value: Value,
  { name: written, type, onMissing, nameScope, valueScope }: MemberConfig,
  mismatch: Mismatch,
): boolean {
  const faults: (readonly [Scope, string])[] = []
  const literal = typeof name.constant === 'string' ? name.constant : undefined
  if (name.constant !== undefined && !literal) faults.push([nameScope, 'expected text as a name'])
  if (literal && onMissing === 'null' && mismatch(literal, null) !== undefined) {
    faults.push([
      nameScope,
      `expected onMissing error or omit for "${literal}", which cannot be null`,
    ])
  }
  const fitted =
    value.constant === undefined ? {} : conform(value.constant, type, literal, mismatch)
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
  name: string | undefined,
  mismatch: Mismatch,
): { readonly value: Json } | { readonly expected: string } {
  const converted = type === undefined ? value : convert(value, type)
  if (converted === undefined) return { expected: `of type ${type}` }
  const expected = name === undefined ? undefined : mismatch(name, converted)
  return expected === undefined ? { value: converted } : { expected }
}
