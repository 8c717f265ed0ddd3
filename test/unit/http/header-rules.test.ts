import { describe, expect, it } from 'vitest'
import { fold } from '../../../src/header-name.ts'
import { checkConnection } from '../../../src/http/header-rules.ts'
import { errorCode } from '../../support/error-code.ts'

const holder = (name: string) => ({ headerNames: new Set([fold(name)]) })

describe('checkConnection', () => {
  it.each([
    'close, authorization',
    'AUTHORIZATION',
    'Host',
    'content-length',
    'Transfer-Encoding',
    'content-type',
    'Content-Encoding',
    'cookie',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'x-user',
    'X_User',
    'keep-alive,\tx-user ,',
  ])('refuses Connection: %s', async (value) => {
    const headers = { host: 'a', connection: value }
    const code = await errorCode(() =>
      checkConnection(headers, [holder('X-Else'), holder('X-User')]),
    )
    expect(code).toBe('request/connection-nominates')
  })

  it('looks at every Connection line', async () => {
    const headers = { connection: ['close', 'authorization'] }
    expect(await errorCode(() => checkConnection(headers, []))).toBe('request/connection-nominates')
  })

  it.each([
    ['close', ['close']],
    ['Keep-Alive', ['keep_alive']],
    ['x-trace, X_Trace,TE', ['x_trace', 'te']],
    ['', []],
    [',', []],
    [
      ['close', 'x-b'],
      ['close', 'x_b'],
    ],
  ])('lets Connection: %s pass, and tells its names', (connection, names) => {
    expect([...checkConnection({ connection }, [holder('x-user')])]).toEqual(names)
  })

  it('tells no names where there is no Connection field', () => {
    expect(checkConnection({ host: 'a' }, [{ headerNames: new Set(['*']) }]).size).toBe(0)
  })
})

describe('a Connection field when any field decides', () => {
  const everything = { headerNames: new Set(['*']) }

  it('must not nominate a field that was sent', () => {
    const headers = { 'x-plan': 'gold', connection: 'close, x-plan' }
    expect(() => checkConnection(headers, [everything])).toThrow(/names no field/)
  })

  it.each(['close', 'keep-alive', 'close, te', 'x-unsent'])('may say %s', (connection) => {
    expect(() => checkConnection({ te: 'trailers', connection }, [everything])).not.toThrow()
  })
})
