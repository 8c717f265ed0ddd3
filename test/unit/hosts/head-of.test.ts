import { expect, it } from 'vitest'
import { headOf } from '../../../src/hosts/head-of.ts'

function addresses(remoteAddress: string, localAddress: string) {
  const socket = { remoteAddress, remotePort: 4711, localAddress, localPort: 8080 }
  const message = { method: 'GET', rawHeaders: ['Host', 'a'], httpVersion: '1.1', socket }
  const { remoteAddress: remote, localAddress: local } = headOf(message as never, '/')
  return [remote, local]
}

it.each([
  ['127.0.0.1', '10.0.0.7', ['127.0.0.1:4711', '10.0.0.7:8080']],
  ['::1', 'fe80::1', ['[::1]:4711', '[fe80::1]:8080']],
  ['::ffff:10.0.0.7', '::', ['[::ffff:10.0.0.7]:4711', '[::]:8080']],
])('writes %s and %s with their ports so that both parts can be told apart', (...row) => {
  const [remote, local, written] = row
  expect(addresses(remote, local)).toEqual(written)
})
