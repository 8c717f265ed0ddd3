import { admitAnyone } from '../src/admission.ts'
import type { Compiled, Gateway } from '../src/compiled.ts'
import { clientSettings } from '../src/config/limits.ts'
import { systemEnvironment } from '../src/environment.ts'
import { createGateway } from '../src/gateway.ts'
import { createHead } from '../src/http/index.ts'
import { plan } from '../src/plan.ts'
import type { Policy } from '../src/policy.ts'
import type { RequestHead } from '../src/types.ts'

// What it costs to find the route and the policies of a request, with few policies and with many, alternately in one
// run. The requests are the same, and one policy applies to each.

const ROUTES = 1000
const FEW = 10
const MANY = 10_000
const BATCH = 20_000
const WARM_UP = 5

/** Prints medians over `rounds`, and the ratio, which holds on a noisy machine where single figures do not. */
export function benchMatching(rounds: number): void {
  const few = gatewayWith(FEW)
  const many = gatewayWith(MANY)
  const samples: { readonly few: number; readonly many: number }[] = []
  for (let at = -WARM_UP; at < rounds; at += 1) {
    const sample = { few: measure(few), many: measure(many) }
    if (at >= 0) samples.push(sample)
  }
  const row = (policies: number, micros: number[], ratio: number) => {
    return { policies, 'CPU µs/req': round(median(micros)), ratio: round(ratio) }
  }
  console.log(`match and plan on ${ROUTES} routes, ${rounds} rounds of ${BATCH} requests, medians`)
  console.table([
    row(
      FEW,
      samples.map((sample) => sample.few),
      1,
    ),
    row(
      MANY,
      samples.map((sample) => sample.many),
      median(samples.map((sample) => sample.many / sample.few)),
    ),
  ])
}

/** Route `r7` takes `/r7`; policy 7, 1007, 2007 … are for paths below it. */
function gatewayWith(count: number): Gateway {
  const compiled: Compiled = {
    routes: Array.from({ length: ROUTES }, (_, at) => ({
      name: `r${at}`,
      unmatched: 'reject',
      upgrades: [],
      criteria: { path: [`r${at}`] },
      headerNames: new Set<string>(),
      admission: admitAnyone,
      upstreamUrl: () => ({ url: '', scheme: 'http', host: '', port: 80, path: '', query: '' }),
    })),
    policies: Array.from({ length: count }, (_, at) => policy(at)),
    disabled: [],
    vars: {},
    bodyLimit: 0,
    jwks: { overlap: 0, maxAge: 0 },
    ...clientSettings({}),
  }
  return createGateway(compiled, systemEnvironment())
}

/** By turns bound to its route, on every route by path, and by a named segment and a header field. */
function policy(at: number): Policy {
  const route = `r${at % ROUTES}`
  const kinds: Partial<Policy>[] = [
    { routes: [route], criteria: { path: [route, `p${at}`] } },
    { criteria: { path: [route, `p${at}`, 'orders'], methods: ['GET', 'POST'] } },
    {
      criteria: {
        hosts: ['orders.example.com'],
        path: [route, `p${at}`, 'orders', { name: 'id' }],
        headers: [{ name: 'x-env', values: ['prod'] }],
      },
    },
  ]
  return {
    name: `p${at}`,
    order: 50,
    criteria: {},
    needsBody: false,
    readsPayload: false,
    headerNames: new Set(['authorization']),
    publicKeys: [],
    evaluate: () => Promise.reject(new Error('not evaluated here')),
    close: () => undefined,
    ...kinds[at % kinds.length],
  }
}

function headOf(url: string): RequestHead {
  const fields = {
    host: 'orders.example.com',
    accept: '*/*',
    'user-agent': 'bench',
    'x-env': 'prod',
  }
  return createHead({
    method: 'GET',
    url,
    rawHeaders: Object.entries(fields).flat(),
    httpVersion: '1.1',
    scheme: 'http',
    remoteAddress: '127.0.0.1:1',
    localAddress: '127.0.0.1:2',
  })
}

/** CPU time of a request in microseconds. */
function measure(gateway: Gateway): number {
  const before = process.cpuUsage()
  const heads = Array.from({ length: FEW }, (_, at) => headOf(`/r${at}/p${at}/orders/7?x=1`))
  let found = 0
  for (let at = 0; at < BATCH; at += 1) {
    found += plan(gateway, heads[at % FEW] as RequestHead).policies.length
  }
  if (found !== BATCH) throw new Error(`expected one policy a request, found ${found}`)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / BATCH
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
