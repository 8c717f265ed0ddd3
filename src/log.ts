import { type DestinationStream, destination, type Logger, pino } from 'pino'
import { CountersignError } from './errors.ts'
import type {
  ConfigurationEvent,
  KeySetEvent,
  Observer,
  RenewalEvent,
  RequestEvent,
} from './observe.ts'

/** Settings of the log. */
export interface LogOptions {
  /** Least severe level that is written. Default `info`. */
  readonly level?: string
  /** Where JSON lines go. Default standard output. */
  readonly stream?: DestinationStream
}

/** Bytes that wait for a reader of standard output that does not keep up; what comes then is dropped. */
const BUFFER_LIMIT = 16 * 1024 * 1024
/** Characters of a path that are logged. */
const PATH_LIMIT = 2048

/**
 * Writes events as JSON lines, one record a line. Names policies, claims, keys and places; never a token,
 * claim value, header value, body or query.
 */
export function createLog({ level = 'info', stream }: LogOptions = {}): Observer {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? destination({ dest: 1, sync: false, maxLength: BUFFER_LIMIT }),
  )
  return (event) => {
    if (event.type === 'request') logRequest(logger, event)
    else if (event.type === 'configuration') logConfiguration(logger, event)
    else if (event.type === 'renewal') logRenewal(logger, event)
    else logKeySet(logger, event)
  }
}

function logRequest(logger: Logger, event: RequestEvent): void {
  const { error, policies } = event
  for (const { policy, failure } of policies) {
    if (!failure) continue
    const passed = { request_id: event.requestId, policy, ...errorFields(failure) }
    logger.warn(passed, `let pass without a credential: ${failure.message}`)
  }
  if (!error) {
    if (logger.isLevelEnabled('info')) logger.info(requestFields(event), 'forwarded')
    return
  }
  const record = { ...requestFields(event), ...errorFields(error) }
  if (event.status < 500) logger.warn(record, refusal(error))
  else logger.error(record, refusal(error))
}

function requestFields({ policies, ...event }: RequestEvent) {
  const traced = ['alg', 'enc', 'kid', 'jti', 'cache'].map((name) => [
    name,
    oneOrAll(policies.flatMap(({ trace }) => trace?.[name] ?? [])),
  ])
  return {
    request_id: event.requestId,
    'http.request.method': event.method,
    'url.path': pathOf(event.path),
    'http.response.status_code': event.status,
    duration_ms: Math.round(event.durationMs * 1000) / 1000,
    upstream: event.route,
    authenticator: event.authenticator,
    policy: oneOrAll(policies.map(({ policy }) => policy)),
    ...Object.fromEntries(traced),
  }
}

/** Nothing for a target that is not a path: an absolute one may hold a password. */
function pathOf(path: string): string | undefined {
  return path.startsWith('/') ? path.slice(0, PATH_LIMIT) : undefined
}

function errorFields(error: CountersignError) {
  return { 'error.type': error.code, ...error.place, 'error.cause': causeOf(error) }
}

/** Name and code of what lies beneath our own errors; its text may hold a value. */
function causeOf({ cause }: CountersignError): string | undefined {
  if (cause instanceof CountersignError) return causeOf(cause)
  if (!(cause instanceof Error)) return undefined
  const { name, code } = cause as NodeJS.ErrnoException
  return typeof code === 'string' ? `${name} ${code}` : name
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

/** Members of a record that are undefined are left out of the line. */
function oneOrAll(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0]
}

function logKeySet(logger: Logger, { url, error, usableFor, failures }: KeySetEvent): void {
  const record = { url, failures, usable_for_s: Math.floor(usableFor / 1000) }
  if (!error && failures > 0) logger.info(record, 'the JWK set was fetched again')
  if (!error) return
  const failed = { ...record, ...errorFields(error) }
  if (usableFor > 0) logger.warn(failed, `the last good JWK set is used: ${error.message}`)
  else logger.error(failed, `no JWK set can be used: ${error.message}`)
}
