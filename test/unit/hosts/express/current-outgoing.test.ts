import { expect, it } from 'vitest'
import { currentOutgoing } from '../../../../src/hosts/express/current-outgoing.ts'
import type { Outgoing } from '../../../../src/hosts/prepare.ts'

const prepared = { headers: ['x-old', '1'], search: '?old', body: Buffer.from('body') }
const outgoing = prepared as Partial<Outgoing> as Outgoing

it.each([
  ['/path', ''],
  ['/path?', '?'],
  ['/path?a=1?b', '?a=1?b'],
])('takes the query of %s', (url, search) => {
  expect(currentOutgoing({ url, headers: {} }, outgoing).search).toBe(search)
})

it('takes the fields as handlers left them, each line of a list', () => {
  const headers = { 'x-one': '1', 'set-cookie': ['a', 'b'], gone: undefined }
  const { headers: fields, body } = currentOutgoing({ url: '/', headers }, outgoing)
  expect(fields).toEqual(['x-one', '1', 'set-cookie', 'a', 'set-cookie', 'b'])
  expect(body).toBe(outgoing.body)
})

it('leaves out what concerns the connection, whoever wrote it', () => {
  const headers = {
    ...{ connection: 'x', 'keep-alive': 'x', te: 'x', trailer: 'x', upgrade: 'websocket' },
    ...{ 'transfer-encoding': 'chunked', 'proxy-connection': 'x', 'http2-settings': 'x' },
  }
  expect(currentOutgoing({ url: '/', headers }, outgoing).headers).toEqual([])
})
