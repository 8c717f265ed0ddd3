import { expect, it } from 'vitest'
import { fixedEnvironment } from '../support/clock.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const policy = (more: string) => `
name: p
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
${more}
`

async function start(more: string, caches = '{}') {
  const upstream = await recordingUpstream()
  const environment = fixedEnvironment()
  const proxy = await startProxy({
    policies: policy(more),
    gateway: `routes: [{ name: r, upstream: "${upstream.url}" }]\ncaches: ${caches}\n`,
    variables: { SECRET: hmacSecret() },
    environment,
  })
  return {
    advance: environment.advance,
    /** How the token for a caller was had. */
    async send(user: string) {
      const text = `GET / HTTP/1.1\r\nHost: a\r\nX-User: ${user}\r\n\r\n`
      await rawRequest(proxy.port, text, { until: (got) => got.endsWith('ok') })
      const events = await proxy.requestsOnce(upstream.requests().length)
      return events.at(-1)?.policies[0]?.trace?.cache
    },
    close: upstream.close,
  }
}

it.each([
  ['of its own', 'cache: { ttl: 10, refreshAhead: 0 }', '{}'],
  ['with a name', 'cache: { name: orders }', '{ orders: { ttl: 10, refreshAhead: 0 } }'],
  [
    'with a name and a time of its own',
    'cache: { name: orders, ttl: 10 }',
    '{ orders: { ttl: 200, refreshAhead: 0 } }',
  ],
])('makes a token anew after the ttl of a cache %s', async (_what, more, caches) => {
  const { send, advance, close } = await start(more, caches)
  const first = [await send('ann'), await send('ann')]
  advance(9_000)
  const before = await send('ann')
  advance(2_000)
  const after = await send('ann')
  await close()
  expect([...first, before, after]).toEqual(['miss', 'hit', 'hit', 'miss'])
})

it('keeps no more tokens than the named cache may hold', async () => {
  const { send, close } = await start('cache: { name: small }', '{ small: { maxEntries: 1 } }')
  const had = [await send('ann'), await send('bob'), await send('bob'), await send('ann')]
  await close()
  expect(had).toEqual(['miss', 'miss', 'hit', 'miss'])
})
