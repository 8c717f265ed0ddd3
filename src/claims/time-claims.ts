import { CountersignError } from '../errors.ts'
import type { Scope } from '../kind.ts'
import type { RequestContext } from '../types.ts'
import { convert } from './claim-type.ts'
import { chain, type Eventual, inOrder } from './eventual.ts'
import { evaluateAt } from './member.ts'
import { registeredMismatch } from './registered.ts'
import { compileExpression, type Value } from './value.ts'

/** How `iat`, `exp` and `nbf` are written in a policy file; seconds throughout. */
export interface TimeConfig {
  /** True (default): the time of signing. `offset` shifts it. Text is an expression that gives a NumericDate. */
  readonly iat?: boolean | { readonly offset: number } | string | undefined
  /** Seconds after `iat`, or `{ after, from: now }`; 0 leaves it out. Text is an expression. */
  readonly exp:
    | number
    | { readonly after: number; readonly from?: 'iat' | 'now' | undefined }
    | string
  /** Seconds from `iat`; 0 (default) leaves it out, `{ offset }` may be negative or 0. Text is an expression. */
  readonly nbf?: number | { readonly offset: number } | string | undefined
}

/** A claim that holds a NumericDate (RFC 7519 section 2). */
export type TimeClaim = 'iat' | 'nbf' | 'exp'

/** Time claims as NumericDates. */
export type Times = Readonly<Partial<Record<TimeClaim, number>>>

/** Time claims of one policy. */
export interface TimeClaims {
  /** True when no expression decides one of them. */
  readonly constant: boolean
  readonly volatile: boolean
  readonly reads: Value['reads']
  /** The claims that this produces. */
  readonly names: ReadonlySet<TimeClaim>
  /** Those that the request decides; the rest follows from the clock at signing. Throws `claim/…`, `expr/…`. */
  resolve(context: RequestContext): Eventual<Times>
  /** The claims of a token signed at `now` (NumericDate). */
  at(now: number, explicit: Times): Times
}

/** Compiles the time claims of a `jwt` block. */
export function compileTimeClaims(config: TimeConfig, scope: Scope): TimeClaims {
  const { iat = true, exp, nbf = 0 } = config
  const computed = Object.entries({ iat, nbf, exp }).flatMap(([name, text]) => {
    if (typeof text !== 'string') return []
    const value = compileExpression(text, scope.at(name))
    return value ? [{ name: name as TimeClaim, value, at: scope.locate([name]) }] : []
  })
  const iatOffset = typeof iat === 'object' ? iat.offset : 0
  const nbfOffset = typeof nbf === 'object' ? nbf.offset : Number(nbf)
  const after = typeof exp === 'object' ? exp.after : Number(exp)
  const fromNow = typeof exp === 'object' && exp.from === 'now'
  const names = new Set<TimeClaim>()
  if (iat !== false) names.add('iat')
  if (nbf !== 0) names.add('nbf')
  if (exp !== 0) names.add('exp')

  function at(now: number, explicit: Times): Times {
    const issued = explicit.iat ?? now + iatOffset
    return {
      ...(names.has('iat') && { iat: issued }),
      ...(names.has('nbf') && { nbf: explicit.nbf ?? issued + nbfOffset }),
      ...(names.has('exp') && { exp: explicit.exp ?? (fromNow ? now : issued) + after }),
    }
  }

  const constant = ![iat, nbf, exp].some((written) => typeof written === 'string')
  // what is written is the same for every request, so time 0 tells whether it can work
  if (constant) checkOrder(at(0, {}), scope)
  return {
    constant,
    volatile: computed.some(({ value }) => value.volatile),
    reads: new Set(computed.flatMap(({ value }) => [...value.reads])),
    names,
    resolve: (context) =>
      chain(
        inOrder(computed, (entry) => resolveOne(entry, context)),
        (dates) => Object.fromEntries(computed.map(({ name }, index) => [name, dates[index]])),
      ),
    at,
  }
}

function checkOrder({ nbf = 0, exp }: Times, scope: Scope): void {
  if (exp === undefined || (exp > 0 && exp > nbf)) return
  scope.report(['exp'], {
    severity: 'error',
    rule: 'claim/time',
    message: `expected "exp" to lie after ${exp > 0 ? '"nbf"' : 'the time of signing'}`,
    hint: 'exp counts from iat; { after, from: now } counts from the time of signing',
  })
}

function resolveOne(
  { name, value, at }: { readonly name: TimeClaim; readonly value: Value; readonly at: string },
  context: RequestContext,
): Eventual<number> {
  const place = { claim: name, at }
  return chain(evaluateAt(value, context, place), (result) => {
    if (result === undefined) {
      throw new CountersignError('claim/missing', `expected a value for "${name}"`, place)
    }
    const date = convert(result, 'integer') ?? result
    const expected = registeredMismatch(name, date)
    if (!expected) return date as number
    throw new CountersignError('claim/type', `expected "${name}" to be ${expected}`, place)
  })
}
