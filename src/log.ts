import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { type Environment, systemEnvironment } from './environment.ts'
import type { CountersignError } from './errors.ts'
import { errorFields } from './log/error-fields.ts'
import { createFlood, type Flood } from './log/flood.ts'
import { createOutput, type Output } from './log/output.ts'
import { requestFields } from './log/request-fields.ts'
import type {
  BreakerEvent,
  ConfigurationEvent,
  ConnectionEvent,
  KeySetEvent,
  Observer,
  OverloadEvent,
  RenewalEvent,
  RequestEvent,
  WorkerEvent,
} from './observe.ts'

/** Settings of the log. */
export interface LogOptions {
  /** Least severe level that is written. Default `info`. */
  readonly level?: string
  /** Where JSON lines go. Default standard output. */
  readonly stream?: DestinationStream
  /** Milliseconds that never go backwards. Default: the process's own clock. */
  readonly monotonic?: Environment['monotonic']
  /** Number of the worker that writes, 0 for the process that supervises them. Absent: it is the only process. */
  readonly worker?: number | undefined
}

/** A log, which never holds up what it tells of. */
export interface Log extends Observer {
  /** How many lines were dropped, as the reader of standard output did not keep up or is gone. */
  dropped(): number
}

/** Most bytes that a pipe takes from one of several writers without a line of another in between (PIPE_BUF, Linux). */
const WHOLE_WRITE = 4096

/** Bytes that wait for a reader of standard output that does not keep up; what comes then is dropped. */
const BUFFER_LIMIT = 4 * 1024 * 1024

/**
 * Writes events as JSON lines, one record a line. Names policies, claims, keys and places; never a token,
 * claim value, header value, body or query. Of many lines with the same error code in a second, most are only counted.
 */
export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', stream, monotonic = systemEnvironment().monotonic, worker } = options
  const maxWrite = worker === undefined ? undefined : WHOLE_WRITE
  const output = stream
    ? undefined
    : standardOutput((lines) => tellDropped(lines), monotonic, maxWrite)
  const logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? output,
  )
  const flood = createFlood((kind, lines) =>
    logger.warn({ kind, lines }, 'more lines of this kind were left out'),
  )
  function tellDropped(lines: number): void {
    logger.warn({ lines }, 'lines were dropped: the reader of the log did not keep up')
  }
  const observe: Observer = (event) => {
    switch (event.type) {
      case 'request':
        return logRequest(logger, flood, event)
      case 'configuration':
        return logConfiguration(logger, event)
      case 'renewal':
        return logRenewal(logger, event)
      case 'keySet':
        return logKeySet(logger, event)
      case 'breaker':
        return logBreaker(logger, event)
      case 'connection':
        return logConnection(logger, flood, event)
      case 'overload':
        return logOverload(logger, event)
      case 'clock':
        return logger.warn({ jump_ms: event.jump }, 'the wall clock has jumped')
      case 'worker':
        return logWorker(logger, event)
      case 'retry':
        return logger.debug({ upstream: event.upstream }, 'sent again on another connection')
    }
  }
  return Object.assign(observe, { dropped: () => output?.dropped() ?? 0 })
}

function logWorker(logger: Logger, { worker, ended, restartIn }: WorkerEvent): void {
  const record = { ended_worker: worker, ended, restart_in_ms: Math.round(restartIn) }
  logger.error(record, 'a worker has ended, and another takes its place')
}

function standardOutput(
  recovered: (lines: number) => void,
  monotonic: () => number,
  maxWrite: number | undefined,
): Output {
  const settings = { dest: 1, sync: false, maxLength: BUFFER_LIMIT, ...(maxWrite && { maxWrite }) }
  return createOutput(
    (retryEAGAIN) => destination({ ...settings, retryEAGAIN }),
    recovered,
    monotonic,
  )
}

function logRequest(logger: Logger, flood: Flood, event: RequestEvent): void {
  const { error, policies } = event
  for (const { policy, failure } of policies) {
    if (!failure || !flood.admits(`passed/${kindOf(failure)}`)) continue
    const passed = { request_id: event.requestId, policy, ...errorFields(failure) }
    logger.warn(passed, `let pass without a credential: ${failure.message}`)
  }
  if (!error) {
    if (logger.isLevelEnabled('info')) logger.info(requestFields(event), 'forwarded')
    return
  }
  if (!flood.admits(kindOf(error, event.route))) return
  const record = { ...requestFields(event), ...errorFields(error) }
  if (event.status < 500) logger.warn(record, refusal(error))
  else logger.error(record, refusal(error))
}

function refusal(error: CountersignError): string {
  const { policy, claim } = error.place
  const subject = [policy && `policy ${policy}`, claim && `claim ${claim}`].filter(Boolean)
  return `refused: ${[...subject, error.message].join(': ')}`
}

function logConfiguration(logger: Logger, event: ConfigurationEvent): void {
  const { accepted, generation, policies, disabled, findings } = event
  for (const { severity, text } of findings) {
    if (severity === 'error') logger.error({ generation }, text)
    else if (severity === 'warning') logger.warn({ generation }, text)
    else logger.info({ generation }, text)
  }
  if (accepted) logger.info({ generation, policies, disabled }, 'configuration loaded')
  else if (generation === 1)
    logger.error({ generation }, 'configuration refused: nothing is served')
  else logger.error({ generation }, 'configuration refused: what served before goes on serving')
}

function logRenewal(logger: Logger, { policy, error, servedUntil, failures }: RenewalEvent): void {
  const record = {
    policy,
    failures,
    served_until: new Date(servedUntil).toISOString(),
    ...errorFields(error),
  }
  logger.warn(record, `the old token is served: ${error.message}`)
}

function logKeySet(logger: Logger, { url, error, usableFor, failures }: KeySetEvent): void {
  const record = { url, failures, usable_for_s: Math.floor(usableFor / 1000) }
  if (!error && failures > 0) logger.info(record, 'the JWK set was fetched again')
  if (!error) return
  const failed = { ...record, ...errorFields(error) }
  if (usableFor > 0) logger.warn(failed, `the last good JWK set is used: ${error.message}`)
  else logger.error(failed, `no JWK set can be used: ${error.message}`)
}

function logBreaker(logger: Logger, { upstream, address, state, failures }: BreakerEvent): void {
  const record = { upstream, address, failures }
  if (state === 'open') logger.error(record, 'an address of the upstream gets no requests')
  else if (state === 'halfOpen') logger.info(record, 'one request tries the address again')
  else logger.info(record, 'the address serves again')
}

/** What floods together: what one client asks too often must not hide what happens elsewhere. */
function kindOf({ code, place }: CountersignError, route = ''): string {
  return [code, route, place.policy, place.authenticator, place.reason].filter(Boolean).join(' ')
}

function logConnection(logger: Logger, flood: Flood, event: ConnectionEvent): void {
  const { refused, remoteAddress, cause } = event
  if (!flood.admits(`connection/${refused}`)) return
  const record = { 'client.address': remoteAddress, 'error.cause': cause }
  if (refused === 'limit') logger.warn(record, 'a connection was closed: too many are open')
  else logger.info(record, 'a connection did not agree on TLS')
}

function logOverload(logger: Logger, { active, cause }: OverloadEvent): void {
  if (active) logger.error({ cause }, 'overloaded: requests are refused')
  else logger.warn({ cause }, 'requests are accepted again')
}
