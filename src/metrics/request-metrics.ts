import { Counter, Histogram, type Registry } from '@prometheus-io/client'
import type { CountersignError } from '../errors.ts'
import type { PolicyTrace, RequestEvent } from '../observe.ts'
import { tally } from './tally.ts'

/** Upper bounds of the duration histogram, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const CODE_CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx']

/** Stands for the policies of a request that none decided about. */
const NO_POLICY: PolicyTrace = { policy: '', applied: false }

/** Registers the metrics of requests; what it gives counts one. */
export function requestMetrics(registry: Registry): (event: RequestEvent) => void {
  const registers = [registry]
  const countRequest = tally(registry, {
    name: 'countersign_requests_total',
    help: 'Requests that ended, under each policy that decided about them.',
    labelNames: ['policy', 'code_class', 'outcome'],
  })
  const durations = new Histogram({
    name: 'countersign_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['policy'],
    buckets: BUCKETS,
    registers,
  })
  const countToken = tally(registry, {
    name: 'countersign_token_cache_total',
    help: 'Tokens that requests got, by where they came from.',
    labelNames: ['policy', 'result'],
  })
  const aborts = new Counter({
    name: 'countersign_client_aborts_total',
    help: 'Requests whose clients went away before the end of the answer.',
    labelNames: ['policy'],
    registers,
  })
  const refusals = new Counter({
    name: 'countersign_authentication_failures_total',
    help: 'Callers that were not admitted.',
    labelNames: ['authenticator', 'reason'],
    registers,
  })
  return ({ policies, error, status, durationMs }) => {
    const codeClass = CODE_CLASSES[Math.floor(status / 100)] ?? ''
    for (const trace of policies.length > 0 ? policies : [decidedBy(error)]) {
      const { policy } = trace
      countRequest(policy, codeClass, outcomeOf(trace, error))
      durations.observe({ policy }, durationMs / 1000)
      const result = trace.trace?.cache
      if (result !== undefined) countToken(policy, result)
      if (error?.code === 'request/aborted') aborts.inc({ policy })
    }
    const { authenticator, reason } = error?.place ?? {}
    // one that could not judge gives no reason
    if (error && (authenticator ?? reason) !== undefined) {
      refusals.inc({ authenticator: authenticator ?? '', reason: reason ?? error.code })
    }
  }
}

function decidedBy(error: CountersignError | undefined): PolicyTrace {
  const { policy } = error?.place ?? {}
  return policy === undefined ? NO_POLICY : { policy, applied: false }
}

function outcomeOf({ applied, failure }: PolicyTrace, error?: CountersignError): string {
  if (error) return error.code === 'request/aborted' ? 'aborted' : 'refused'
  if (failure) return 'passed'
  return applied ? 'applied' : 'skipped'
}
