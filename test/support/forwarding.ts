import { hmacSecret } from './keys.ts'
import { startProxy, type TestProxy, type TestProxyOptions } from './proxy.ts'

const SIGNED = `
name: signed
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }
`

/** Starts a proxy whose one route signs what it forwards to an upstream that is written like this, as YAML or JSON; `more` wins. */
export function forwardTo(
  upstream: string | object,
  files: TestProxyOptions['files'] = {},
  more: Partial<TestProxyOptions> = {},
): Promise<TestProxy> {
  return startProxy({
    policies: SIGNED,
    gateway: forwarding(upstream),
    variables: { SECRET: hmacSecret() },
    files,
    ...more,
  })
}

/** The gateway file of such a proxy. */
export function forwarding(upstream: string | object): string {
  return `routes: [{ name: all, upstream: ${JSON.stringify(upstream)} }]`
}
