import { describe, expect, it } from 'vitest'
import { asksUpgrade, checkUpgrade, opensWebSocket } from '../../../src/http/upgrade.ts'
import { errorCode } from '../../support/error-code.ts'
import { WEBSOCKET_KEY } from '../../support/web-socket.ts'

const FIELDS = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': WEBSOCKET_KEY,
  'sec-websocket-version': '13',
}

type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

function input(change: Fields, rest: object = {}) {
  return { method: 'GET', httpVersion: '1.1', headers: { ...FIELDS, ...change }, ...rest }
}

describe('opensWebSocket', () => {
  it.each<[string, Fields]>([
    ['as RFC 6455 has it', {}],
    ['in capitals', { upgrade: 'WebSocket', connection: 'keep-alive, UPGRADE' }],
    ['nominated on the second line', { connection: ['keep-alive', 'Upgrade'] }],
    [
      'with a subprotocol and an extension',
      { 'sec-websocket-protocol': 'a, b', 'sec-websocket-extensions': 'x' },
    ],
  ])('takes the request %s', (_case, change) => {
    expect(opensWebSocket(input(change))).toBe(true)
    expect(() => checkUpgrade(input(change))).not.toThrow()
  })

  it.each<[string, Fields, object?]>([
    ['a list of protocols', { upgrade: 'websocket, h2c' }],
    ['two protocols on two lines', { upgrade: ['websocket', 'h2c'] }],
    ['the protocol twice', { upgrade: ['websocket', 'websocket'] }],
    ['a version of the protocol', { upgrade: 'websocket/13' }],
    ['another protocol', { upgrade: 'h2c' }],
    ['a word around it', { upgrade: 'xwebsocket' }],
    ['no nomination', { connection: 'keep-alive' }],
    ['no Connection', { connection: undefined }],
    ['no Upgrade', { upgrade: undefined }],
    ['no key', { 'sec-websocket-key': undefined }],
    ['two keys', { 'sec-websocket-key': [WEBSOCKET_KEY, WEBSOCKET_KEY] }],
    ['a short key', { 'sec-websocket-key': 'dGhlIHNhbXBsZQ==' }],
    ['a long key', { 'sec-websocket-key': `A${WEBSOCKET_KEY}` }],
    ['something behind the key', { 'sec-websocket-key': `${WEBSOCKET_KEY}A` }],
    ['no version', { 'sec-websocket-version': undefined }],
    ['an old version', { 'sec-websocket-version': '8' }],
    ['a later version', { 'sec-websocket-version': '130' }],
    ['another later version', { 'sec-websocket-version': '113' }],
    ['settings of HTTP/2', { 'http2-settings': 'AAMAAABk' }],
    ['a length', { 'content-length': '0' }],
    ['a transfer coding', { 'transfer-encoding': 'chunked' }],
    ['another method', {}, { method: 'POST' }],
    ['HTTP/1.0', {}, { httpVersion: '1.0' }],
  ])('T036 refuses a request with %s', async (_case, change, rest) => {
    expect(opensWebSocket(input(change, rest))).toBe(false)
    expect(await errorCode(() => checkUpgrade(input(change, rest)))).toBe('request/upgrade')
  })
})

it('knows a head that asks for a WebSocket', () => {
  expect(asksUpgrade({ headers: { upgrade: 'websocket' } })).toBe(true)
  expect(asksUpgrade({ headers: {} })).toBe(false)
})

describe('checkUpgrade', () => {
  it.each<[string, Fields]>([
    ['of another option', { connection: 'keep-alive' }],
    ['of a name that holds the word', { connection: 'x-upgrade' }],
  ])('lets a request without an upgrade pass, in spite %s', (_case, { connection }) => {
    expect(() => checkUpgrade(input({ connection, upgrade: undefined }))).not.toThrow()
  })
})
