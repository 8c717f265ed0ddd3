import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhen,
  type IBackoff,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import type { Environment } from '../../environment.ts'
import { RemoteFault } from './remote-fault.ts'

/** Keeps the trouble of one remote signer from becoming ours. */
export interface Guard {
  /**
   * Runs an attempt, and once more when it failed in a way that may pass: each has its time, and so have both
   * together with the wait for their turn. The signal ends an attempt whose time is over. Rejects with what the
   * attempt rejected with, or with a `RemoteFault` `timeout`, `breaker-open` or `queue-full`.
   */
  run<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** How much trouble is waited for. */
export interface GuardOptions {
  /** Milliseconds of one attempt. */
  readonly timeout: number
  /** Milliseconds that nothing is asked after `failures` failures in a row; then one attempt is a probe. Default 5000. */
  readonly openFor?: number
  /** Attempts at a time. Default 64. */
  readonly concurrent?: number
  /** Attempts that wait for their turn; what comes then fails at once. Default 1024. */
  readonly queued?: number
  /** Measures `openFor`. */
  readonly monotonic: Environment['monotonic']
}

/** Milliseconds of one attempt when no `timeout` is written. */
export const DEFAULT_TIMEOUT = 2000

const FAILURES = 5
/** Milliseconds before the second attempt, at most; half of it is jitter, so that what failed together comes back apart. */
const PAUSE = 100

/** A guard for one key, so that one dead signer does not silence another. */
export function createGuard(options: GuardOptions): Guard {
  const { openFor = 5000, concurrent = 64, queued = 1024, monotonic } = options
  const passing = handleWhen(isPassing)
  const deadline = timeout(2 * options.timeout + PAUSE, TimeoutStrategy.Aggressive)
  const turns = bulkhead(concurrent, queued)
  const attempts = wrap(
    retry(passing, {
      maxAttempts: 1,
      backoff: new ExponentialBackoff({ initialDelay: PAUSE, generator: halfJitterGenerator }),
    }),
    circuitBreaker(passing, {
      breaker: new ConsecutiveBreaker(FAILURES),
      halfOpenAfter: waitFor(openFor, monotonic),
    }),
  )
  const one = timeout(options.timeout, TimeoutStrategy.Aggressive)
  return {
    async run(attempt) {
      let met: unknown
      const tryOnce = () =>
        one
          .execute(({ signal }) => attempt(signal))
          .catch((error) => {
            met = error
            throw error
          })
      const tried = () => attempts.execute(tryOnce)
      try {
        // The deadline ends a wait, not an attempt: cut short, it would count as a failure of the signer.
        return await deadline.execute(({ signal }) => turns.execute(tried, signal))
      } catch (error) {
        // a breaker that opened before the second attempt says less than what the first one met
        throw inOurWords(error instanceof BrokenCircuitError ? (met ?? error) : error)
      }
    },
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof RemoteFault ? error.isTransient : error instanceof TaskCancelledError
}

/**
 * The breaker compares the time since it opened, by the wall clock, with a duration. Read late, that duration can be
 * the answer of a clock that nobody sets: an hour set back must not keep a signer away for an hour.
 */
function waitFor(milliseconds: number, monotonic: Environment['monotonic']) {
  const next = (): IBackoff<unknown> => {
    const end = monotonic() + milliseconds
    return {
      get duration() {
        return monotonic() < end ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
      },
      next,
    }
  }
  return { next }
}

function inOurWords(error: unknown): unknown {
  const fault = (code: string, message: string, hint: string) =>
    new RemoteFault(code, { message, hint, isTransient: true }, { cause: error })
  if (error instanceof TaskCancelledError) {
    return fault(
      'timeout',
      'expected the signer to answer in time',
      'check that it is up and reachable from here, or write a longer timeout',
    )
  }
  if (error instanceof BrokenCircuitError) {
    return fault(
      'breaker-open',
      'expected a signer that answers: it is asked again in a few seconds',
      'check that it is up and reachable from here',
    )
  }
  if (error instanceof BulkheadRejectedError) {
    return fault(
      'queue-full',
      'expected fewer signatures at a time',
      'let tokens be reused, or give the signer more room',
    )
  }
  return error
}
