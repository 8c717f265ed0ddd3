import { expect, it } from 'vitest'
import { CountersignError } from '../../src/errors.ts'
import { createMetrics } from '../../src/metrics.ts'
import type { ObservedEvent, RequestEvent } from '../../src/observe.ts'
import { plain, tableRows } from './rows.ts'

const error = new CountersignError('auth/invalid', 'expected one', { reason: 'missing' })
const away = new CountersignError('request/aborted', 'expected a client')
const REQUEST: RequestEvent = {
  type: 'request',
  requestId: 'r',
  method: 'GET',
  path: '/',
  status: 200,
  durationMs: 1,
  policies: [
    { policy: 'a', applied: true, trace: { cache: 'hit' } },
    { policy: 'b', applied: false },
    { policy: 'c', applied: false, failure: error },
  ],
}
const LOADED = { accepted: true, generation: 1, policies: 1, disabled: 1, findings: [] }
/** Events from which every metric gets every label that it has. */
const EVENTS: readonly ObservedEvent[] = [
  REQUEST,
  { ...REQUEST, policies: [], error },
  { ...REQUEST, policies: [], error: away },
  { type: 'configuration', ...LOADED },
  { type: 'renewal', policy: 'a', error, servedUntil: 0, failures: 1 },
  { type: 'retry', upstream: 'https://a' },
  { type: 'breaker', upstream: 'https://a', address: 'a:443', state: 'open', failures: 5 },
  { type: 'keySet', url: 'https://idp.example.com/jwks', error, usableFor: 0, failures: 1 },
]

async function text(): Promise<string> {
  const metrics = createMetrics({ now: Date.now, version: '1', node: '0' })
  EVENTS.forEach(metrics.observe)
  metrics.follow({
    workload: () => ({
      requests: 1,
      connections: 1,
      loopDelay: { median: 0, p99: 0, max: 0 },
      upstreams: [{ upstream: 'https://a', inUse: 1, streams: 1, waiting: 1 }],
    }),
  })
  return await metrics.text()
}

it('documents every metric with its type and labels, and no other', async () => {
  const told = await text()
  const types = [...told.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  const found = types.map(([, name, type]) => {
    const samples = [...told.matchAll(new RegExp(`^${name}(?:_sum)?(?:{(.*)})? `, 'gm'))]
    const labels = samples.flatMap(([, list = '']) =>
      [...list.matchAll(/(\w+)="/g)].map(([, label]) => label),
    )
    return [name, type, [...new Set(labels)].join(' ')]
  })
  const documented = tableRows('metrics.md', 'metric')
  expect(documented.map((row) => row.slice(0, 3).map(plain)).toSorted()).toEqual(found.toSorted())
})

it('documents every outcome of a request, and no other', async () => {
  const outcomes = [...(await text()).matchAll(/outcome="(\w+)"/g)].map(([, outcome]) => outcome)
  const documented = tableRows('metrics.md', 'outcome').map(([outcome]) => plain(outcome))
  expect(documented.toSorted()).toEqual([...new Set(outcomes)].toSorted())
})
