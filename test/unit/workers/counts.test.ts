import { expect, it } from 'vitest'
import { createMetrics, type Metrics } from '../../../src/metrics.ts'
import type { RequestEvent } from '../../../src/observe.ts'
import { createCounts } from '../../../src/workers/counts.ts'
import type { Member } from '../../../src/workers/member.ts'

const REQUEST: RequestEvent = {
  type: 'request',
  requestId: 'r',
  method: 'GET',
  path: '/',
  status: 200,
  durationMs: 1,
  policies: [{ policy: 'a', applied: true }],
}
const newMetrics = () => createMetrics({ now: Date.now, version: '1', node: '0' })

/** A worker that has served so many requests, with this delay of its event loop. */
function worker(requests: number, delay: number) {
  const metrics = newMetrics()
  for (let count = 0; count < requests; count += 1) metrics.observe(REQUEST)
  metrics.follow({
    workload: () => ({
      requests: 1,
      connections: 2,
      loopDelay: { median: delay, p99: delay, max: delay },
      upstreams: [],
    }),
  })
  return { call: () => metrics.snapshot() } as unknown as Member
}
const sampleOf = (text: string, name: string) =>
  Number(new RegExp(`^${name}(?:{[^}]*})? (.*)$`, 'm').exec(text)?.[1])

async function text(members: readonly Member[], own: Metrics = newMetrics()) {
  return await createCounts().text(members, await own.snapshot())
}

it('adds up what is counted and what is open, and tells the worst of what is measured', async () => {
  const told = await text([worker(3, 0.1), worker(4, 0.2)])
  expect(sampleOf(told, 'countersign_requests_total')).toBe(7)
  expect(sampleOf(told, 'countersign_request_duration_seconds_count')).toBe(7)
  expect(sampleOf(told, 'countersign_connections')).toBe(4)
  expect(sampleOf(told, 'countersign_eventloop_delay_seconds')).toBe(0.2)
  expect(sampleOf(told, 'countersign_build_info')).toBe(1)
  expect(sampleOf(told, 'countersign_workers')).toBe(2)
})

it('keeps the totals of a worker that has left, and nothing else of it', async () => {
  const counts = createCounts()
  const [one, two] = [worker(3, 0.1), worker(4, 0.2)]
  const own = await newMetrics().snapshot()
  await counts.text([one, two], own)
  counts.left(two)
  const told = await counts.text([one], own)
  expect(sampleOf(told, 'countersign_requests_total')).toBe(7)
  expect(sampleOf(told, 'countersign_request_duration_seconds_count')).toBe(7)
  expect(sampleOf(told, 'countersign_connections')).toBe(2)
  expect(sampleOf(told, 'countersign_eventloop_delay_seconds')).toBe(0.1)
})
