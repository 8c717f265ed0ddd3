import { hash } from 'node:crypto'

/** The key of RFC 6455 section 1.3. */
export const WEBSOCKET_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** What a server answers to a key (RFC 6455 section 4.2.2). */
export const acceptOf = (key: string) =>
  hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64')

/** Names and values, by turns, that ask for a WebSocket; `change` replaces one, or leaves it out when undefined. */
export function webSocketFields(change: Readonly<Record<string, string | undefined>>): string[] {
  const fields = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': WEBSOCKET_KEY,
    'sec-websocket-version': '13',
    ...change,
  }
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  )
}

/** The text of a request for a WebSocket on `a`; `more` is header lines besides, each with its end. */
export function webSocketRequest(
  target = '/',
  more = '',
  change: Readonly<Record<string, string | undefined>> = {},
): string {
  const fields = webSocketFields(change)
  const lines = fields.map((part, index) => part + (index % 2 === 0 ? ': ' : '\r\n')).join('')
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}${more}\r\n`
}
