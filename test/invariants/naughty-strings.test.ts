import { readFileSync } from 'node:fs'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { corpus } from '../support/corpus.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const path = corpus('naughty-strings.json')
const strings: readonly string[] = path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'))
const secret = hmacSecret()

const POLICIES = [
  'name: header\nmatch: { path: /header }\ninject: { name: x-v, value: "#[payload.v]" }\n',
  `
name: claim
match: { path: /claim }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, customClaims: [{ name: v, value: "#[payload.v]" }] }
inject: { name: x-token }
`,
]

async function start() {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const proxy = await startProxy({
    policies: POLICIES,
    upstream: upstream.url,
    variables: { SECRET: secret },
  })
  const ask = async (target: string, v: string) => {
    const body = JSON.stringify({ v })
    const fields = `Host: a\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
    const bytes = Buffer.from(`POST ${target} HTTP/1.1\r\n${fields}\r\n\r\n${body}`)
    const seen = upstream.requests().length
    const { status } = await rawRequest(proxy.port, bytes, { halfClose: true })
    return { status, requests: upstream.requests().slice(seen) }
  }
  return ask
}

describe.skipIf(strings.length === 0)(
  `T011 of ${strings.length} strings that break programs`,
  () => {
    it('each is a header value as it is, or is refused', async () => {
      const ask = await start()
      let served = 0
      for (const text of strings) {
        const { status, requests } = await ask('/header', text)
        const isSafe = /^[!-~](?:[ -~]*[!-~])?$/.test(text)
        expect([text, status]).toEqual([text, isSafe ? 200 : 422])
        expect(requests.map(({ values }) => values('x-v'))).toEqual(isSafe ? [[text]] : [])
        if (isSafe) served += 1
      }
      expect(served).toBeGreaterThan(100)
    })

    it('each is a claim as it is', async () => {
      const ask = await start()
      const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
      for (const text of strings) {
        const { status, requests } = await ask('/claim', text)
        expect([text, status]).toEqual([text, 200])
        expect(requests.map(({ values }) => verify(values('x-token')[0] ?? '').v)).toEqual([text])
      }
    })
  },
)
