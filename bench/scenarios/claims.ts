import { compileMembers, registeredMismatch } from '../../src/claims/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import type { Scope } from '../../src/kind.ts'
import type { RequestContext } from '../../src/types.ts'
import { cpuMicrosEach } from '../cpu-micros-each.ts'
import { atMost } from '../finding.ts'
import type { Scenario } from '../scenario.ts'
import { CALLER, CLAIMS } from '../token-shape.ts'

/** Claims alone, when they need no JSONata. */
export const claims: Scenario = {
  name: 'claims',
  about: '10 claims of declared type, 5 constants and 5 plain paths, in one process.',
  async run() {
    const { region, plan, ...plain } = CLAIMS
    const list = compileMembers(
      Object.entries({ ...plain, region: 'eu', plan: 'GOLD' }).map(([name, value]) => ({
        name,
        value,
        type: 'string' as const,
        nameScope: scope,
        valueScope: scope,
      })),
      { reserved: new Map(), mismatch: registeredMismatch },
    )
    const measured = await cpuMicrosEach(() => list.evaluate(context))
    const what = 'evaluating and typing 10 claims, constants and plain paths'
    return { samples: new Map(), findings: [atMost(4, what, 3, measured, 'µs')] }
  },
}

const scope: Scope = {
  environment: systemEnvironment(),
  serving: false,
  folder: '/',
  report(_path, { message }) {
    throw new Error(message)
  },
  locate: (path) => path.join('.'),
  at: () => scope,
}

const upstream = { url: 'http://127.0.0.1/orders/7', scheme: 'http', host: '127.0.0.1', port: 80 }
const context: RequestContext = {
  attributes: {
    method: 'GET',
    scheme: 'http',
    version: 'HTTP/1.1',
    host: '127.0.0.1',
    requestPath: '/orders/7',
    requestUri: '/orders/7',
    queryString: '',
    queryParams: Object.create(null),
    headers: Object.assign(Object.create(null), CALLER),
    remoteAddress: '127.0.0.1:1',
    localAddress: '127.0.0.1:2',
  },
  authentication: {},
  upstream: { ...upstream, path: '/orders/7', query: '' },
  tokens: Object.create(null),
  vars: {},
}
