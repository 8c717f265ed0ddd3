import { describe, expect, it, onTestFinished } from 'vitest'
import { policyAt } from '../express/host.ts'
import { HOSTS, startHost } from '../support/either-host.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const AT = {
  header: policyAt('{ name: authorization }'),
  query: policyAt('{ location: query, name: token }'),
  cookie: policyAt('{ location: cookie, name: token }'),
  saved: policyAt('{ name: x-jwt, value: "Jwt #[tokens.own.value]" }', 'saveAs: own'),
}

describe.each(HOSTS)('the %s host', (host) => {
  /** The head that the client got, and the token in the request that the upstream answered with `lines`. */
  async function answered(policies: string, lines: (token: string) => readonly string[]) {
    let token = ''
    const upstream = await recordingUpstream(({ bytes }) => {
      token = /ey[\w-]+\.[\w-]+\.[\w-]+/.exec(bytes.toString())?.[0] ?? ''
      return [...lines(token), 'content-length: 2', '', 'ok'].join('\r\n')
    })
    onTestFinished(upstream.close)
    const gateway = JSON.stringify({ routes: [{ name: 'all', upstream: upstream.url }] })
    const port = await startHost(host, { policies, gateway })
    const { text } = await rawRequest(
      port,
      'GET /a?b=c HTTP/1.1\r\nHost: a\r\nX-User: ann\r\nConnection: close\r\n\r\n',
    )
    return { token, text, head: text.split('\r\n\r\n')[0] ?? '' }
  }

  it.each(Object.entries(AT))(
    'T065 lets no field tell the credential in the %s',
    async (_at, policy) => {
      const { token, text } = await answered(policy, (token) => [
        `HTTP/1.1 200 ${token}`,
        `authorization: Bearer ${token}`,
        `X-Echo: ${token.replaceAll('.', '%2e')}`,
        `Set-Cookie: token=${token}`,
        'Set-Cookie: kept=1',
      ])
      expect(token).toMatch(/^ey/)
      expect(text).not.toContain(token)
      expect(text).not.toMatch(/x-echo/i)
      expect(text).toMatch(/set-cookie: kept=1/i)
      expect(text).toMatch(/^HTTP\/1\.1 200 /)
    },
  )

  it('T044 takes the parameter of a credential in the query out of a redirect', async () => {
    const { token, head } = await answered(AT.query, (token) => [
      'HTTP/1.1 302 Found',
      `Location: /login?back=1&token=${token}#top`,
      `Content-Location: /a?token=${token}`,
      `Refresh: 0; url=/a?b=c&token=${token}`,
      `Link: </a?token=${token}>; rel=canonical`,
    ])
    expect(head).not.toContain(token)
    for (const line of [
      'Location: /login?back=1#top',
      'Content-Location: /a',
      'Refresh: 0; url=/a?b=c',
      'Link: </a>; rel=canonical',
    ]) {
      expect(head).toContain(`\r\n${line}\r\n`)
    }
  })

  it('T065 gives an exposed credential in its own field alone', async () => {
    const policy = policyAt('{ name: authorization }', 'exposeToClient: { header: x-token }')
    const { token, head } = await answered(policy, (token) => [
      'HTTP/1.1 200 OK',
      `X-Echo: ${token}`,
    ])
    expect(head.split('\r\n').filter((line) => line.includes(token))).toEqual([`x-token: ${token}`])
  })

  it('leaves a body as it is, and fields that tell nothing', async () => {
    const { head } = await answered(AT.header, () => [
      'HTTP/1.1 200 Fine',
      'Location: /a?token=theirs&b=%zz',
      'X-A: 1',
    ])
    expect(head).toContain('\r\nLocation: /a?token=theirs&b=%zz\r\nX-A: 1\r\n')
  })

  it.each([
    ['query', 'text/html; charset=utf-8', 'no-referrer'],
    ['query', 'application/json', 'unsafe-url'],
    ['header', 'text/html', 'unsafe-url'],
  ] as const)(
    'T045 answers a credential in the %s and %s with Referrer-Policy: %s',
    async (at, type, policy) => {
      const { head } = await answered(AT[at], () => [
        'HTTP/1.1 200 OK',
        `Content-Type: ${type}`,
        'Referrer-Policy: unsafe-url',
      ])
      expect(head.match(/^referrer-policy: .*/gim)?.map((line) => line.toLowerCase())).toEqual([
        `referrer-policy: ${policy}`,
      ])
    },
  )
})
