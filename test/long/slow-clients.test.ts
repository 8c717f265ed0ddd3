import { expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

it('answers 408 to a client whose head does not arrive, and tells it once', async () => {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies:
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const reply = await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow', {
    timeout: 15_000,
  })
  expect(reply.status, reply.text).toBe(408)
  expect(reply.ended).toBe('closed')
  expect(proxy.requests().map(({ error }) => error?.code)).toEqual(['request/timeout'])
  expect(upstream.connections()).toEqual([])
  await upstream.close()
})
