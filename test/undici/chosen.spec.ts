import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { createPools } from '../../src/forward/index.ts'
import { exchange } from '../support/exchange.ts'
import { listening } from '../support/listening.ts'
import { upstreamAt } from '../support/upstream.ts'

it('speaks HTTP/1.1 by undici in this run', async () => {
  const server = createServer((_message, response) => void response.end('ok'))
  const pools = createPools({ monotonic: () => 0, observe: () => {} })
  const lease = pools.get(upstreamAt(`http://127.0.0.1:${await listening(server)}`)).take()
  let sent = 0
  const onSent = () => {
    sent += 1
  }
  subscribe('undici:client:sendHeaders', onSent)
  onTestFinished(() => void unsubscribe('undici:client:sendHeaders', onSent))
  expect(lease && (await exchange(lease)).error).toBeUndefined()
  lease?.done('ok')
  expect(sent).toBe(1)
  await pools.close()
})
