import { expect, it } from 'vitest'
import type { Compiled, Route } from '../../../src/compiled.ts'
import { loadConfiguration } from '../../../src/config/index.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { ownShare } from '../../../src/workers/own-share.ts'
import { tempFolder } from '../../support/temp-folder.ts'

async function compiled(gateway: string): Promise<Compiled> {
  const folder = await tempFolder({ 'countersign.yaml': gateway, 'policies/none.txt': '' })
  const config = `${folder.path}/countersign.yaml`
  return (await loadConfiguration({ config }, systemEnvironment())).compiled as Compiled
}
const poolsOf = ({ routes }: Compiled) => routes.map(({ upstream }: Route) => upstream?.pool)

it('is the part of connections, requests and pools, and leaves what bounds one request', async () => {
  const whole = await compiled(`
limits: { connections: 9, requests: 4, headSize: 8Ki }
routes: [{ name: a, upstream: { url: "http://a", pool: { connections: 6, streams: 5, queue: 0 } } }]
`)
  const part = ownShare(whole, 4)
  expect(part.limits).toEqual({ ...whole.limits, connections: 2, requests: 1 })
  expect(poolsOf(part)).toEqual([{ connections: 1, streams: 1, queue: 0 }])
  expect(poolsOf(whole)).toEqual([{ connections: 6, streams: 5, queue: 0 }])
})

it('is at least one of each', async () => {
  const whole = await compiled(`
limits: { connections: 1, requests: 1 }
routes: [{ name: a, upstream: { url: "http://a", pool: { connections: 1, streams: 1, queue: 1 } } }]
`)
  const part = ownShare(whole, 4)
  expect([part.limits.connections, part.limits.requests]).toEqual([1, 1])
  expect(poolsOf(part)).toEqual([{ connections: 1, streams: 1, queue: 1 }])
})
