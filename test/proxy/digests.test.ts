import { describe, expect, it, onTestFinished } from 'vitest'
import { policyAt } from '../express/host.ts'
import { HOSTS, startHost } from '../support/either-host.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const IN_BODY = policyAt('{ location: body, name: /token }')
const IN_HEADER = policyAt('{ name: x-jwt }')
const SIGNED = 'Signature-Input: sig=("@method" "content-digest");keyid="k"'

describe.each(HOSTS)('the %s host', (host) => {
  async function posted(policies: string, lines: readonly string[], target = '/') {
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const gateway = JSON.stringify({ routes: [{ name: 'all', upstream: upstream.url }] })
    const port = await startHost(host, { policies, gateway })
    const head = [`POST ${target} HTTP/1.1`, 'Host: a', 'X-User: ann', ...lines]
    const framing = ['Content-Type: application/json', 'Content-Length: 7', 'Connection: close']
    const { status, text } = await rawRequest(
      port,
      `${[...head, ...framing].join('\r\n')}\r\n\r\n{"a":1}`,
    )
    const [request] = upstream.requests()
    return { status, text, request }
  }

  it.each(['Content-Digest', 'Repr-Digest', 'Digest', 'Content-MD5', 'content_digest'])(
    'T050 drops %s of a body that it changes, and keeps it on any other',
    async (name) => {
      const changed = await posted(IN_BODY, [`${name}: x`])
      expect([changed.status, changed.request?.values(name)]).toEqual([200, []])
      const kept = await posted(IN_HEADER, [`${name}: x`])
      expect(kept.request?.values(name)).toEqual(['x'])
    },
  )

  it.each([
    [SIGNED],
    ['Signature: keyId="k",headers="date digest",signature="c"'],
    ['Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=c'],
  ])('T050 refuses to change a body under %s', async (line) => {
    const { status, text, request } = await posted(IN_BODY, ['Content-Digest: x', line])
    expect([status, request]).toEqual([422, undefined])
    expect(text).toContain('"code":"body/signed"')
    expect((await posted(IN_HEADER, [line])).status).toBe(200)
  })

  it('T050 refuses to change a body that a presigned URL covers', async () => {
    const { status } = await posted(IN_BODY, [], '/?X-Amz-Algorithm=AWS4-HMAC-SHA256')
    expect(status).toBe(422)
  })

  it('changes a body under a signature that does not cover it', async () => {
    const { status } = await posted(IN_BODY, [
      'Signature-Input: sig=("@method")',
      'Signature: s=:A:',
    ])
    expect(status).toBe(200)
  })

  it('sends the signature of the client nowhere where the credential replaces it', async () => {
    const both = policyAt('[{ location: body, name: /token }, { name: authorization }]')
    const { status } = await posted(both, ['Authorization: AWS4-HMAC-SHA256 Credential=a'])
    expect(status).toBe(200)
  })
})
