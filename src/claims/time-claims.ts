import type { Scope } from '../kind.ts'
import type { RequestContext } from '../types.ts'
import { type Computed, isUnshared, proveAll } from './computed.ts'
import { type ComputedTime, compileTime, type TimeClaim } from './computed-time.ts'
import { chain, type Eventual, inOrder } from './eventual.ts'
import { allReads } from './reads.ts'

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
  /** Length of the fixed windows since the epoch whose begin stands for the time of signing; 0 (default): none. */
  readonly minReuse?: number | undefined
}

/** Time claims as NumericDates. */
export type Times = Readonly<Partial<Record<TimeClaim, number>>>

/** Time claims of one policy. What is computed is those that expressions give: throws `claim/…`, `expr/…`. */
export interface TimeClaims extends Computed<Times> {
  /** The claims that this produces. */
  readonly names: ReadonlySet<TimeClaim>
  /** The claims of a token signed at `now` (NumericDate), those that the clock gives as well. */
  at(now: number, explicit: Times): Times
  /** Until when (NumericDate) a token signed at `now` is not to be replaced; undefined without `minReuse`. */
  reuseUntil(now: number): number | undefined
}

/** Compiles the time claims of a `jwt` block. */
export function compileTimeClaims(config: TimeConfig, scope: Scope): TimeClaims {
  const { iat = true, exp, nbf = 0, minReuse = 0 } = config
  const computed = Object.entries({ iat, nbf, exp }).flatMap(([name, text]) => {
    if (typeof text !== 'string') return []
    return compileTime(name as TimeClaim, text, scope.at(name)) ?? []
  })
  const iatOffset = typeof iat === 'object' ? iat.offset : 0
  const nbfOffset = typeof nbf === 'object' ? nbf.offset : Number(nbf)
  const after = typeof exp === 'object' ? exp.after : Number(exp)
  const fromNow = typeof exp === 'object' && exp.from === 'now'
  const names = new Set<TimeClaim>()
  if (iat !== false) names.add('iat')
  if (nbf !== 0) names.add('nbf')
  if (exp !== 0) names.add('exp')

  // The same on every replica whose clock is within the window.
  const windowBegin = (now: number) => (minReuse === 0 ? now : now - (now % minReuse))

  function at(time: number, explicit: Times): Times {
    const now = windowBegin(time)
    const issued = explicit.iat ?? now + iatOffset
    const times: { -readonly [Name in TimeClaim]?: number } = {}
    if (names.has('iat')) times.iat = issued
    if (names.has('nbf')) times.nbf = explicit.nbf ?? issued + nbfOffset
    if (names.has('exp')) times.exp = explicit.exp ?? (fromNow ? now : issued) + after
    return times
  }

  const isClockAlone = ![iat, nbf, exp].some((written) => typeof written === 'string')
  // what is written is the same for every request, so time 0 tells whether it can work
  if (isClockAlone) checkOrder(at(0, {}), scope)
  if (minReuse > 0) checkWindow(iat, scope)
  const settled = computed.filter((time) => !time.volatile)
  return {
    constant: settled.length === 0,
    volatile: computed.some((time) => time.volatile),
    reads: allReads(computed),
    unshared: computed.filter(isUnshared).map((time) => time.scope),
    names,
    prove: (own) => proveAll(computed, own),
    evaluate: (context) => evaluateAll(computed, context),
    settled: (context) => evaluateAll(settled, context),
    at,
    reuseUntil: (now) => (minReuse === 0 ? undefined : windowBegin(now) + minReuse),
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

function checkWindow(iat: TimeConfig['iat'], scope: Scope): void {
  if (iat !== false && typeof iat !== 'string') return
  scope.report(['minReuse'], {
    severity: 'error',
    rule: 'claim/time',
    message: 'expected "iat" from the clock: minReuse takes it from the begin of its window',
    hint: 'write iat: true or { offset }, or leave minReuse out',
  })
}

const NONE: Times = {}

function evaluateAll(computed: readonly ComputedTime[], context: RequestContext): Eventual<Times> {
  if (computed.length === 0) return NONE
  return chain(inOrder(computed, context), (dates) =>
    Object.fromEntries(computed.map(({ name }, index) => [name, dates[index]])),
  )
}
