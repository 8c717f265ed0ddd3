import { CountersignError } from '../errors.ts'
import type { RequestHead } from '../types.ts'
import { nominated } from './header-rules.ts'

/** Header fields by lower-case name; several lines are an array, or one text joined by commas. */
type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

/** What decides whether a request asks for a WebSocket. */
interface UpgradeInput {
  readonly method?: string | undefined
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  readonly headers: Fields
}

/**
 * True for a well-formed request to open a WebSocket (RFC 6455 section 4.2.1): `GET` on HTTP/1.1 without a body,
 * for this one protocol and in its one version.
 */
export function opensWebSocket({ method, httpVersion, headers }: UpgradeInput): boolean {
  return (
    is(headers.upgrade, /^websocket$/i) &&
    method === 'GET' &&
    httpVersion === '1.1' &&
    nominatesUpgrade(headers) &&
    is(headers['sec-websocket-key'], /^[A-Za-z0-9+/]{22}==$/) &&
    is(headers['sec-websocket-version'], /^13$/) &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined &&
    headers['http2-settings'] === undefined
  )
}

/** Refuses, with `request/upgrade`, every request for another protocol but a well-formed one for a WebSocket. */
export function checkUpgrade(input: UpgradeInput): void {
  const { headers } = input
  if (headers.upgrade === undefined && !nominatesUpgrade(headers)) return
  if (!opensWebSocket(input)) {
    throw new CountersignError(
      'request/upgrade',
      'expected no upgrade but a well-formed one to websocket',
    )
  }
}

/** True for a head of `createHead` that asks for a WebSocket: no other upgrade gets that far. */
export function asksUpgrade({ headers }: Pick<RequestHead, 'headers'>): boolean {
  return headers.upgrade !== undefined
}

function nominatesUpgrade({ connection }: Fields): boolean {
  if (connection === undefined) return false
  const lines = typeof connection === 'string' ? [connection] : connection
  return lines.some((line) => /upgrade/i.test(line)) && nominated(lines).has('upgrade')
}

function is(value: Fields[string], pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}
