import { describe, expect, it } from 'vitest'
import { CountersignError } from '../../src/errors.ts'
import { createMetrics } from '../../src/metrics.ts'
import type { ConfigurationEvent, ObservedEvent, RequestEvent } from '../../src/observe.ts'

const REQUEST: RequestEvent = {
  type: 'request',
  requestId: 'r-1',
  method: 'GET',
  path: '/orders/7',
  status: 200,
  durationMs: 3,
  route: 'orders',
  policies: [{ policy: 'hello', applied: true, trace: { cache: 'hit' } }],
}
const READING: ConfigurationEvent = {
  type: 'configuration',
  accepted: true,
  generation: 1,
  policies: 3,
  disabled: 1,
  findings: [],
}

/** The samples after these events, without those of histograms, of the build and of zero. */
async function samples(...events: readonly ObservedEvent[]): Promise<Record<string, number>> {
  const lines = (await metricsOf(...events))
    .split('\n')
    .filter((line) => /^countersign_(?!.*_bucket)/.test(line))
  const found = lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))])
  const told = found.filter(([name, value]) => value !== 0 && !/build_info/.test(String(name)))
  return Object.fromEntries(told)
}

async function metricsOf(...events: readonly ObservedEvent[]): Promise<string> {
  const { observe, text } = createMetrics({ now: () => 5000, version: '1.2.3', node: '26.5.1' })
  for (const event of events) observe(event)
  return await text()
}

const refused = (error: CountersignError, more: Partial<RequestEvent> = {}): RequestEvent => ({
  ...REQUEST,
  policies: [],
  status: error.status,
  error,
  ...more,
})
const MISSING = new CountersignError('claim/missing', 'expected a value', { policy: 'hello' })

describe('a request in the metrics', () => {
  it('is counted with its duration in seconds under the policy that decided about it', async () => {
    expect(await samples(REQUEST, REQUEST)).toEqual({
      'countersign_requests_total{policy="hello",code_class="2xx",outcome="applied"}': 2,
      'countersign_request_duration_seconds_sum{policy="hello"}': 0.006,
      'countersign_request_duration_seconds_count{policy="hello"}': 2,
      'countersign_token_cache_total{policy="hello",result="hit"}': 2,
    })
  })

  it.each<[what: string, event: RequestEvent, labels: string]>([
    [
      'whose policy had nothing to do',
      { ...REQUEST, policies: [{ policy: 'hello', applied: false }] },
      'policy="hello",code_class="2xx",outcome="skipped"',
    ],
    [
      'that was let pass without a credential',
      { ...REQUEST, policies: [{ policy: 'hello', applied: false, failure: MISSING }] },
      'policy="hello",code_class="2xx",outcome="passed"',
    ],
    [
      'that no policy matches',
      { ...REQUEST, policies: [] },
      'policy="",code_class="2xx",outcome="skipped"',
    ],
    [
      'that a policy refused',
      refused(MISSING),
      'policy="hello",code_class="4xx",outcome="refused"',
    ],
    [
      'whose upstream is away',
      refused(new CountersignError('upstream/unreachable', 'expected one'), {
        policies: REQUEST.policies,
      }),
      'policy="hello",code_class="5xx",outcome="refused"',
    ],
    [
      'whose client went away',
      refused(new CountersignError('request/aborted', 'expected a client')),
      'policy="",code_class="4xx",outcome="aborted"',
    ],
  ])('%s says so', async (_what, event, labels) => {
    expect(await samples(event)).toHaveProperty([`countersign_requests_total{${labels}}`], 1)
  })

  it('counts under each of its policies', async () => {
    const policies = ['a', 'b'].map((policy) => ({ policy, applied: true }))
    expect(await samples({ ...REQUEST, policies })).toMatchObject({
      'countersign_requests_total{policy="a",code_class="2xx",outcome="applied"}': 1,
      'countersign_requests_total{policy="b",code_class="2xx",outcome="applied"}': 1,
    })
  })

  it('goes on counting from one reading to the next', async () => {
    const { observe, text } = createMetrics({ now: () => 0, version: '1', node: '26.5.1' })
    for (const expected of [1, 2]) {
      observe(REQUEST)
      expect(await text()).toContain(`outcome="applied"} ${expected}\n`)
    }
  })

  it('gives no label what the client sent', async () => {
    const { observe, text } = createMetrics({ now: () => 0, version: '1', node: '26.5.1' })
    observe({ ...REQUEST, requestId: 'CANARY', method: 'CANARY', path: '/CANARY' })
    observe(refused(MISSING, { method: 'CANARY', path: '/CANARY' }))
    expect(await text()).not.toContain('CANARY')
  })
})

describe('a caller that is not admitted', () => {
  it.each([
    [
      new CountersignError('auth/invalid', 'expected one', {
        authenticator: 'staff',
        reason: 'signature',
      }),
      'authenticator="staff",reason="signature"',
    ],
    [
      new CountersignError('auth/invalid', 'expected one', { reason: 'missing' }),
      'authenticator="",reason="missing"',
    ],
    [
      new CountersignError('auth/forbidden', 'expected another', {
        authenticator: 'staff',
        reason: 'not-allowed',
      }),
      'authenticator="staff",reason="not-allowed"',
    ],
    [
      new CountersignError('key/unavailable', 'expected a key set', { authenticator: 'staff' }),
      'authenticator="staff",reason="key/unavailable"',
    ],
  ])('is counted under authenticator and reason: $1', async (error, labels) => {
    const name = `countersign_authentication_failures_total{${labels}}`
    expect(await samples(refused(error))).toHaveProperty([name], 1)
  })

  it('is none whose request a policy refused', async () => {
    const names = Object.keys(await samples(refused(MISSING)))
    expect(names.filter((name) => name.includes('authentication'))).toEqual([])
  })
})

describe('a reading of the files', () => {
  it('tells what serves', async () => {
    expect(await samples(READING)).toEqual({
      countersign_config_last_reload_successful: 1,
      countersign_config_last_reload_success_timestamp_seconds: 5,
      countersign_config_generation: 1,
      'countersign_policies{state="enabled"}': 3,
      'countersign_policies{state="disabled"}': 1,
    })
  })

  it('that was refused leaves standing what serves', async () => {
    const none = { accepted: false, policies: 0, disabled: 0 }
    expect(
      await samples(READING, { ...READING, generation: 2 }, { ...READING, ...none, generation: 3 }),
    ).toEqual({
      'countersign_config_reloads_total{result="success"}': 1,
      'countersign_config_reloads_total{result="failure"}': 1,
      countersign_config_last_reload_success_timestamp_seconds: 5,
      countersign_config_generation: 2,
      'countersign_policies{state="enabled"}': 3,
      'countersign_policies{state="disabled"}': 1,
    })
  })
})

it('counts renewals that failed', async () => {
  const renewal = { policy: 'hello', error: MISSING, servedUntil: 0, failures: 7 }
  expect(await samples({ type: 'renewal', ...renewal })).toEqual({
    'countersign_renewal_failures_total{policy="hello"}': 1,
  })
})

it('tells of the JWK sets that are fetched which failed, and which can be used', async () => {
  const set = (host: string, usableFor: number, fault?: CountersignError): ObservedEvent => ({
    type: 'keySet',
    url: `https://${host}/jwks`,
    usableFor,
    failures: 1,
    ...(fault && { error: fault }),
  })
  const gone = [set('a', 0, MISSING), set('b', 9, MISSING), set('c', 0, MISSING), set('c', 9)]
  const text = await metricsOf(...gone)
  expect(text).toContain('countersign_key_set_usable{url="https://a/jwks"} 0\n')
  expect(text).toContain('countersign_key_set_usable{url="https://b/jwks"} 1\n')
  expect(text).toContain('countersign_key_set_usable{url="https://c/jwks"} 1\n')
  expect(text).toContain('countersign_key_set_failures_total{url="https://c/jwks"} 1\n')
})

it('tells which version runs', async () => {
  const text = await createMetrics({ now: () => 0, version: '1.2.3', node: '26.5.1' }).text()
  expect(text).toContain('countersign_build_info{version="1.2.3",node="26.5.1"} 1\n')
})
