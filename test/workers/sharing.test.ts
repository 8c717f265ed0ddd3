import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { settled } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { startWorkerProcesses } from '../support/worker-processes.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

const PUSH = `name: push
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 0
  minReuse: 86400
  jti: true
`

describe('several workers', () => {
  it('make one token of minReuse for all, whoever asks first and whoever comes later', async () => {
    const { tokens, tokensOfAll, pids, metric } = await startWorkerProcesses({
      workers: 4,
      policies: PUSH,
      env: signedVariables(),
    })
    const first = await tokens(40)
    const all = [...first, ...(await tokensOfAll())]
    expect(new Set(all).size).toBe(1)
    const [someone = 0] = pids()
    process.kill(someone, 'SIGKILL')
    expect(await settled(() => metric('countersign_worker_restarts_total'), Boolean)).toBe(1)
    expect(
      await settled(
        () => metric('countersign_workers'),
        (count) => count === 4,
      ),
    ).toBe(4)
    expect(new Set(await tokensOfAll())).toEqual(new Set(all))
  })

  it('tell their metrics as one: requests are added up, and what serves is told once', async () => {
    const { tokens, tokensOfAll, metric } = await startWorkerProcesses({
      policies: SIGNED,
      env: signedVariables(),
    })
    const sent = (await tokensOfAll()).length + (await tokens(10)).length
    const count = () => metric('countersign_requests_total')
    expect(await settled(count, (requests) => requests === sent)).toBe(sent)
    const buckets = { policy: 'signed' }
    expect(await metric('countersign_request_duration_seconds_count', buckets)).toBe(sent)
    expect(await metric('countersign_workers')).toBe(2)
    expect(await metric('countersign_policies', { state: 'enabled' })).toBe(1)
    expect(await metric('countersign_config_generation')).toBe(1)
    expect(await metric('countersign_token_cache_total', { result: 'miss' })).toBe(2)
  })

  it('divide the connections and requests that the gateway file allows', async () => {
    const { url, metric } = await startWorkerProcesses({
      policies: SIGNED,
      env: signedVariables(),
      gateway: 'shutdown: { drainDelay: 0s }\nlimits: { connections: 2 }',
    })
    const held = await Promise.all(Array.from({ length: 6 }, () => hold(url)))
    const open = () => metric('countersign_connections')
    expect(await settled(open, (count = 0) => count > 0)).toBeLessThanOrEqual(2)
    const refused = () => metric('countersign_connections_refused_total', { reason: 'limit' })
    expect(await settled(refused, (count = 0) => count >= 4)).toBeGreaterThanOrEqual(4)
    for (const socket of held) socket.destroy()
  })
})

/** A connection that asks nothing. */
async function hold(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
