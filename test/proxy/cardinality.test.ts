import { request } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const REQUESTS = 2000

it('T060 has no more metrics after 2,000 paths, hosts and subjects than after one', async () => {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const proxy = await startProxy({
    policies: `
name: signed
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: "#[attributes.headers.\`x-user\`]"
  jti: true
`,
    upstream: upstream.url,
    variables: { SECRET: hmacSecret() },
  })
  const send = (index: number) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: `host-${index}.example`, 'x-user': `user-${index}` }
      const path = `/path-${index}?query=${index}`
      request({ port: proxy.port, host: '127.0.0.1', path, headers }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode))
      })
        .on('error', reject)
        .end()
    })
  const series = async () =>
    (await proxy.metrics()).split('\n').filter((line) => /^countersign_/.test(line)).length

  expect(await send(0)).toBe(200)
  const before = await series()
  for (let index = 1; index < REQUESTS; index += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, more) => send(index + more)))
  }
  expect(await series()).toBe(before)
  expect(await proxy.metrics()).not.toMatch(/path-|host-|user-|query/)
})
