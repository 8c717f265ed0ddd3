import { describe, expect, it, onTestFinished } from 'vitest'
import { policyAt } from '../express/host.ts'
import { HOSTS, startHost } from '../support/either-host.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

const TOLD = [
  ...['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Uri'],
  ...['X-Forwarded-Prefix', 'X-Forwarded-Port', 'Forwarded', 'X-Real-IP', 'X-Original-URL'],
  ...['X-Rewrite-URL', 'X-HTTP-Method-Override', 'x-envoy-original-path', 'X_Forwarded_For'],
]

describe.each(HOSTS)('the %s host', (host) => {
  /** Fields about the client that the upstream got for a request with these lines. */
  async function forwarded(
    lines: readonly string[],
    { trusted = false, style = 'none', policies = policyAt('{ name: x-jwt }') } = {},
  ) {
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const gateway = JSON.stringify({
      routes: [
        { name: 'secure', match: { headers: { 'x-forwarded-proto': 'https' } }, ...to('/secure') },
        { name: 'plain', ...to('/plain') },
      ],
      ...(trusted && { trustedProxies: ['127.0.0.0/8'] }),
    })
    function to(path: string) {
      return { upstream: { url: upstream.url + path, forwarded: style } }
    }
    const port = await startHost(host, { policies, gateway })
    const head = ['GET /a HTTP/1.1', 'Host: a.example:81', 'X-User: ann', ...lines]
    const { status } = await rawRequest(
      port,
      `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`,
    )
    const [request] = upstream.requests()
    const fields = (request?.headers ?? [])
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
      .filter((line) =>
        /^(?:x.forwarded|forwarded|x-real|x-original|x-rewrite|x-http|x-envoy)/.test(line),
      )
      .toSorted()
    return { status, fields, target: request?.target }
  }

  it.each(TOLD)('T010 takes %s off what anyone sends', async (name) => {
    const { status, fields } = await forwarded([`${name}: https`])
    expect([status, fields]).toEqual([200, []])
  })

  it('T010 matches by such a field only when a trusted proxy sent it', async () => {
    const lines = ['X-Forwarded-Proto: https']
    expect((await forwarded(lines)).target).toBe('/plain/a')
    expect((await forwarded(lines, { trusted: true })).target).toBe('/secure/a')
  })

  it('T010 makes no claim of such a field unless a trusted proxy sent it', async () => {
    const policies = policyAt('{ name: x-jwt }').replace('x-user', 'x-forwarded-for')
    const lines = ['X-Forwarded-For: 6.6.6.6']
    expect((await forwarded(lines, { policies })).status).toBe(422)
    expect((await forwarded(lines, { policies, trusted: true })).status).toBe(200)
  })

  it('passes on what a trusted proxy sends', async () => {
    const { fields } = await forwarded(['X-Forwarded-For: 1.1.1.1', 'Forwarded: for=1.1.1.1'], {
      trusted: true,
    })
    expect(fields).toEqual(['forwarded: for=1.1.1.1', 'x-forwarded-for: 1.1.1.1'])
  })

  it.each([
    [false, '127.0.0.1'],
    [true, '6.6.6.6, 127.0.0.1'],
  ])(
    'T010 tells of the client by X-Forwarded-*, from a proxy that is trusted: %s',
    async (trusted, list) => {
      const lines = [
        'X-Forwarded-For: 6.6.6.6',
        'X_Forwarded_For: 7.7.7.7',
        'x.forwarded.host: evil',
      ]
      const { fields } = await forwarded(lines, { trusted, style: 'x-forwarded' })
      expect(fields).toEqual([
        `x-forwarded-for: ${list}`,
        'x-forwarded-host: a.example:81',
        'x-forwarded-proto: http',
      ])
    },
  )

  it.each([
    [false, ''],
    [true, 'for=6.6.6.6;by=_p, '],
  ])(
    'T010 tells of the client by Forwarded, from a proxy that is trusted: %s',
    async (trusted, list) => {
      const lines = ['Forwarded: for=6.6.6.6;by=_p', 'Forwarded_: for=7.7.7.7']
      const { fields } = await forwarded(lines, { trusted, style: 'forwarded' })
      expect(fields).toEqual([`forwarded: ${list}for=127.0.0.1;proto=http;host="a.example:81"`])
    },
  )

  it('lets a policy put its credential in such a field, alone', async () => {
    const policies = policyAt('{ name: x-forwarded-for }')
    const { fields } = await forwarded([], { trusted: true, style: 'x-forwarded', policies })
    expect(fields).toEqual([
      expect.stringMatching(/^x-forwarded-for: ey[^,]+$/),
      'x-forwarded-host: a.example:81',
      'x-forwarded-proto: http',
    ])
  })
})
