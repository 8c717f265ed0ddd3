import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const SECRET = hmacSecret()
const claimsOf = createVerifier({ key: SECRET, algorithms: ['HS256'] })

function policy(name: string, more = '', sub = name): string {
  return `
name: ${name}
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: "${sub}" }
exposeToClient: { header: X-Token }
${more.includes('inject:') ? '' : 'inject: { overwrite: always }'}
${more}
`
}

/** The head of the answer that the caller got, by lower-case name. */
async function exchange(
  policies: readonly string[],
  answer: string,
  lines: readonly string[] = ['GET / HTTP/1.1', 'Host: a'],
) {
  const upstream = await recordingUpstream(`${answer}\r\ncontent-length: 2\r\n\r\nok`)
  const proxy = await startProxy({ policies, upstream: upstream.url, variables: { SECRET } })
  const { text, status } = await rawRequest(proxy.port, `${lines.join('\r\n')}\r\n\r\n`, {
    until: (got) => /\r\n\r\n(?:ok|\{.*\})$/s.test(got),
  })
  await upstream.close()
  const [head = ''] = text.split('\r\n\r\n')
  const values = (name: string) =>
    head
      .split('\r\n')
      .filter((line) => line.toLowerCase().startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
  return { status, head, values, log: proxy.log(), request: upstream.requests()[0] }
}

describe('exposeToClient', () => {
  it.each([200, 301, 404, 503])('gives the caller the credential with a %d', async (status) => {
    const answer = await exchange([policy('a')], `HTTP/1.1 ${status} Theirs`)
    const [token = ''] = answer.values('x-token')
    expect([answer.status, claimsOf(token).sub]).toEqual([status, 'a'])
    expect(answer.request?.values('authorization')).toEqual([`Bearer ${token}`])
  })

  it.each(['X-Token', 'x_token', 'X--TOKEN', 'x.token'])(
    'puts it in place of the %s of the upstream',
    async (name) => {
      const { head, values } = await exchange([policy('a')], `HTTP/1.1 200 OK\r\n${name}: CANARY`)
      expect(head).not.toContain('CANARY')
      expect(values('x-token')).toHaveLength(1)
    },
  )

  it('keeps everybody on the way from storing the answer', async () => {
    const fields = [
      'Cache-Control: public, max-age=60',
      'CDN-Cache-Control: max-age=60',
      'Surrogate-Control: max-age=60',
      'X-Accel-Expires: 60',
      'Expires: Fri, 01 Jan 2100 00:00:00 GMT',
    ]
    const { head, values } = await exchange(
      [policy('a')],
      ['HTTP/1.1 200 OK', ...fields].join('\r\n'),
    )
    expect(values('cache-control')).toEqual(['no-store'])
    expect(head).not.toMatch(/max-age|expires/i)
  })

  it('lets the later of two policies have the field that both name', async () => {
    const second = policy('b', 'order: 60').replace('X-Token', 'x_token')
    const { head } = await exchange([policy('a'), second], 'HTTP/1.1 200 OK')
    const lines = head.split('\r\n').filter((line) => /^x.token:/i.test(line))
    expect(lines).toHaveLength(1)
    expect(claimsOf(lines[0]?.slice(9) ?? '').sub).toBe('b')
  })

  it('gives a credential that goes nowhere else', async () => {
    const { values, request } = await exchange(
      [policy('a', 'inject: { location: none }')],
      'HTTP/1.1 200 OK',
    )
    expect([values('x-token').length, request?.values('authorization')]).toEqual([1, []])
  })

  it.each([
    ['when is false', [`${policy('a')}when: "#[1 = 2]"\n`, policy('b').replace(/exposeTo.*/, '')]],
    [
      'it lets pass',
      [`${policy('a', '', '#[attributes.headers.`x-user`]')}onFailure: passThrough\n`],
    ],
  ])('gives nothing where %s, and leaves the answer alone', async (_what, policies) => {
    const { status, values } = await exchange(
      policies,
      'HTTP/1.1 200 OK\r\nX-Token: theirs\r\nCache-Control: public',
    )
    expect([status, values('x-token'), values('cache-control')]).toEqual([
      200,
      ['theirs'],
      ['public'],
    ])
  })

  it('gives nothing with a problem of our own', async () => {
    const refusing = policy('b', 'order: 60', '#[attributes.headers.`x-user`]')
    const { status, values, request } = await exchange([policy('a'), refusing], 'HTTP/1.1 200 OK')
    expect([status, values('x-token'), request]).toEqual([422, [], undefined])
  })

  it('gives nothing when the upstream breaks the protocol', async () => {
    const { status, values } = await exchange([policy('a')], 'HTTP/1.1 200 OK\r\nX-Bad: \x01')
    expect([status, values('x-token')]).toEqual([502, []])
  })

  it('refuses a credential that a field cannot carry', async () => {
    const more = 'inject: { location: query, name: t, overwrite: ifAbsent }'
    const { status } = await exchange([policy('a', more, 'a'.repeat(9000))], 'HTTP/1.1 200 OK', [
      'GET /?t=mine HTTP/1.1',
      'Host: a',
    ])
    expect(status).toBe(422)
  })

  it('stands in no log', async () => {
    const { values, log } = await exchange([policy('a')], 'HTTP/1.1 200 OK')
    expect(log).not.toContain(values('x-token')[0]?.split('.')[2])
  })
})
