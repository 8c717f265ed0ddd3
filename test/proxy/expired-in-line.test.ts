import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'

/** A proxy with one connection, which the first request holds while a second one waits in the line. */
async function startWithLine() {
  const held: ServerResponse[] = []
  const server = createServer((_message, response) => held.push(response))
  const url = `http://127.0.0.1:${await listening(server)}`
  const system = systemEnvironment()
  let ahead = 0
  const environment = { ...system, now: () => system.now() + ahead }
  const proxy = await forwardTo({ url, pool: { connections: 1 } }, {}, { environment })
  const first = fetch(proxy.url)
  await once(server, 'request')
  const second = fetch(proxy.url)
  while (proxy.workload().upstreams[0]?.waiting !== 1) await wait(5)
  return {
    ...{ proxy, first, second, held, server },
    pass(seconds: number) {
      ahead += seconds * 1000
    },
  }
}

it('never sends a token that expired while its request waited for a connection', async () => {
  const { proxy, first, second, held, pass } = await startWithLine()
  pass(300)
  held[0]?.end('ok')
  expect((await first).status).toBe(200)
  const refused = await second
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'overload' })
  expect(held).toHaveLength(1)
  expect(proxy.workload().upstreams).toMatchObject([{ inUse: 0, waiting: 0 }])
})

it('sends one that is still good after it waited', async () => {
  const { first, second, held, server, pass } = await startWithLine()
  pass(290)
  const next = once(server, 'request')
  held[0]?.end('ok')
  await next
  held[1]?.end('ok')
  expect([(await first).status, (await second).status]).toEqual([200, 200])
})
