/** State of a circuit breaker, as logs and metrics name it. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/**
 * How an exchange went: `failed` without a connection, `broken` with one but without an answer, which one request may
 * be to blame for; `aborted` says nothing about the address.
 */
export type BreakerOutcome = 'ok' | 'failed' | 'broken' | 'aborted'

/** Decides whether an address that fails gets requests. */
export interface Breaker {
  state(): BreakerState
  /** True when a request may be sent now; one that is not `brief`, as its body is yet to come, probes only late. Default: true. */
  admits(isBrief?: boolean): boolean
  /** Notes that a request is sent, of those that `admits` allowed; true when it is the probe. */
  begin(): boolean
  /** Notes how it went, once a request. */
  end(isProbe: boolean, outcome: BreakerOutcome): void
  /** Milliseconds until a request may be sent; 0 when one may, or when a probe is under way. */
  remaining(): number
  /** Lets the next request be the probe although the time has not passed. */
  hasten(): void
}

/** When a breaker opens and for how long, and who hears of it. */
export interface BreakerOptions {
  /**
   * Failures after which it opens: of so many connections in a row, of more than half of the last exchanges when there was no connection,
   * or of nearly all of them when there was no answer.
   */
  readonly failures: number
  /** Milliseconds for which it stays open; twice as long after each probe that fails, up to `LONGEST`. */
  readonly openFor: number
  /** A clock that nobody sets, in milliseconds. */
  monotonic(): number
  /** Called at each change, with the failures that led to it. */
  onChange(state: BreakerState, failures: number): void
}

/** Exchanges that are looked back at, unless twice `failures` are more. */
const WINDOW = 20
/** Share of exchanges without an answer for which no path alone is to blame: what asks for one that breaks is less than that. */
const NEARLY_ALL = 0.95
/** Milliseconds for which a breaker is open at most, unless its first time is longer. */
const LONGEST = 30_000

/** Creates a closed breaker. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { failures: limit, monotonic, onChange } = options
  let state: BreakerState = 'closed'
  let failures = 0
  /** Connections in a row that could not be opened. */
  let unopened = 0
  let recent: ('ok' | 'failed' | 'broken')[] = []
  let openFor = options.openFor
  let openUntil = Number.NEGATIVE_INFINITY
  /** A probe that lasts as long as this keeps no other one waiting. */
  let probeUntil = Number.NEGATIVE_INFINITY

  function change(next: BreakerState): void {
    state = next
    onChange(next, failures)
  }
  function open(): void {
    openUntil = monotonic() + openFor
    change('open')
  }
  function endProbe(outcome: 'ok' | 'failed' | 'broken'): void {
    if (outcome === 'ok') {
      failures = 0
      unopened = 0
      recent = []
      openFor = options.openFor
      change('closed')
    } else {
      failures += 1
      openFor = Math.max(options.openFor, Math.min(2 * openFor, LONGEST))
      open()
    }
  }
  function count(outcome: 'ok' | 'failed' | 'broken'): void {
    recent.push(outcome)
    if (recent.length > Math.max(WINDOW, 2 * limit)) recent.shift()
    if (outcome === 'ok') unopened = 0
    if (outcome === 'failed') unopened += 1
    const away = recent.filter((one) => one === 'failed').length
    const failed = recent.filter((one) => one !== 'ok').length
    failures = Math.max(unopened, failed)
    const isAway = unopened >= limit || (away >= limit && 2 * away > recent.length)
    const isSilent = failed >= limit && failed >= NEARLY_ALL * recent.length
    if (isAway || isSilent) open()
  }
  return {
    state: () => state,
    admits(isBrief = true) {
      if (state === 'closed') return true
      const patience = isBrief ? 0 : options.openFor
      return monotonic() >= Math.max(openUntil, probeUntil) + patience
    },
    begin() {
      if (state === 'closed') return false
      probeUntil = monotonic() + options.openFor
      if (state === 'open') change('halfOpen')
      return true
    },
    end(isProbe, outcome) {
      if (isProbe) probeUntil = Number.NEGATIVE_INFINITY
      if (outcome === 'aborted' || limit === Number.POSITIVE_INFINITY) return
      if (isProbe && state === 'halfOpen') endProbe(outcome)
      // what was sent before it opened neither closes it nor keeps it open
      else if (state === 'closed') count(outcome)
    },
    remaining: () => Math.max(0, openUntil - monotonic()),
    hasten() {
      openUntil = Math.min(openUntil, monotonic())
    },
  }
}
