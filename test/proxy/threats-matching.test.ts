import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'

/** Which policy chose the request, and what it saw of the target. */
const policy = (name: string, path: string) => `
name: ${name}
match: { path: ${path} }
inject:
  - { name: x-policy, value: ${name} }
  - { name: x-matched, value: "#[attributes.requestUri]" }
  - { name: x-path, value: "#[attributes.requestPath]" }
  - { name: x-query, value: "?#[attributes.queryString]" }
  - { name: x-host, value: "#[attributes.host]" }
`

let upstream: RecordingUpstream
let proxy: TestProxy
let seenBefore = 0
let eventsBefore = 0

async function start(policies: readonly string[]) {
  upstream = await recordingUpstream()
  proxy = await startProxy({ policies, upstream: upstream.url })
}

async function stop() {
  await proxy.close()
  await upstream.close()
}

/** Sends one request as these bytes; `error` is the code that the log has of it. */
async function send(bytes: string) {
  seenBefore = upstream.requests().length
  eventsBefore = proxy.requests().length
  const reply = await rawRequest(proxy.port, bytes, {
    until: (text) => /\r\n\r\nok$|\}$/.test(text),
  })
  const event = (await proxy.requestsOnce(eventsBefore + 1))[eventsBefore]
  const reached = upstream.requests().slice(seenBefore)
  return { status: reply.status, error: event?.error?.code, text: reply.text, reached }
}

const get = (target: string, host = 'a') => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`

/** Sends these bytes, then an honest request: only the second one may reach the upstream. */
async function refused(bytes: string) {
  const { status, error, reached } = await send(bytes)
  const first = seenBefore
  expect(reached).toEqual([])
  expect((await send(get('/public/next'))).status).toBe(200)
  expect(upstream.requests().slice(first)).toMatchObject([{ target: '/public/next' }])
  return `${status} ${error}`
}

afterEach(() => expect(upstream.leftovers()).toEqual([]))

describe('with policies on /public and /admin', () => {
  beforeAll(() => start([policy('public', '/public'), policy('admin', '/admin')]))
  afterAll(stop)

  it.each([
    ['http://evil.example/x', 'a'],
    ['http://a/x', 'a'],
    ['http://a/public', 'a'],
    ['HTTP://a/public', 'a'],
    ['https://a/public', 'a'],
    ['http://evil.example/public', 'evil.example'],
  ])('T026 refuses the absolute form %s with Host: %s', async (target, host) => {
    expect(await refused(get(target, host))).toMatch(/^400 request\/(bad-target|malformed)$/)
  })

  it.each([
    '//evil.example/x',
    '///x',
    '/\\evil',
    '\\\\evil',
    '@evil',
    '*',
    'evil:80',
    '//evil.example/public',
    '//public',
    '/\\public',
    '?x',
    '.',
  ])('T027 refuses %s, which can be read as an authority', async (target) => {
    expect(await refused(get(target))).toMatch(/^400 request\/(bad-target|malformed)$/)
  })

  it.each(['POST', 'DELETE', 'OPTIONS'])('T027 refuses %s *', async (method) => {
    expect(await refused(`${method} * HTTP/1.1\r\nHost: a\r\n\r\n`)).toBe('400 request/bad-target')
  })

  it('T027 refuses CONNECT with 405', async () => {
    const bytes = 'CONNECT evil:443 HTTP/1.1\r\nHost: a\r\n\r\n'
    expect(await refused(bytes)).toBe('405 request/method')
  })

  it.each([
    '/public/../admin',
    '/public/..%2fadmin',
    '/public/%2e%2e/admin',
    '/public/..;/admin',
    '/public/.%2e/',
    '/public/\\..\\admin',
    '/public//../admin',
    '/public/%2E%2E/admin',
    '/public/..%2Fadmin',
    '/public/%2e./admin',
    '/public/..%3b/admin',
    '/public/..;x=1/admin',
    '/public/./admin',
    '/public/..',
    '/public/.',
    '/public//admin',
    '/public/;/admin',
    '/public/a%2fb',
    '/public/a%5cb',
    '/public/a%5Cb',
    '/public/a%00',
    '/public/a\\b',
    '/public/%c0%ae%c0%ae/admin',
    '/public/%c0%afadmin',
    '/public/%',
    '/public/%2',
    '/public/%u002e%u002e/admin',
  ])('T028 refuses %s, which servers read in more than one way', async (target) => {
    expect(await refused(get(target))).toMatch(/^400 request\/(ambiguous-path|bad-target)$/)
  })

  it('T028 leaves %252e as data: it belongs to the segment that it stands in', async () => {
    expect(await refused(get('/a/%252e%252e/'))).toBe('404 route/none')
    const { status, reached } = await send(get('/public/%252e%252e/admin'))
    expect(status).toBe(200)
    expect(reached.map(({ target }) => target)).toEqual(['/public/%252e%252e/admin'])
    expect(reached[0]?.values('x-policy')).toEqual(['public'])
  })

  it.each(['/admin', '/admin/', '/admin?', '/admin/7', '/admin?x=/public'])(
    'T029 finds the policy of /admin for %s',
    async (target) => {
      const { status, reached } = await send(get(target))
      expect(status).toBe(200)
      expect(reached.map((request) => request.target)).toEqual([target])
      expect(reached[0]?.values('x-policy')).toEqual(['admin'])
    },
  )

  it.each([
    ['/ADMIN', '404 route/none'],
    ['/%61dmin', '400 request/ambiguous-path'],
    ['/admin;x=1', '404 route/none'],
    ['/admin%20', '404 route/none'],
    ['/admin.', '404 route/none'],
    ['/admin#f', '400 request/bad-target'],
    ['/admin-archive', '404 route/none'],
    ['/admi', '404 route/none'],
    ['/x/admin', '404 route/none'],
    ['/admin%3bx', '404 route/none'],
    ['/admin%3F', '404 route/none'],
    ['/admin%23f', '404 route/none'],
    ['/admin%09', '404 route/none'],
    ['/ADMIN/7', '404 route/none'],
    ['/?/admin', '404 route/none'],
  ])('T029 T030 refuses %s, which is near /admin: %s', async (target, expected) => {
    expect(await refused(get(target))).toMatch(
      target.includes('#') ? /^400 request\/(bad-target|malformed)$/ : new RegExp(`^${expected}$`),
    )
  })
})

describe('the upstream', () => {
  beforeAll(() => start([policy('public', '/')]))
  afterAll(stop)

  it.each([
    ['http://169.254.169.254/', 'upstream/address'],
    ['http://169.254.0.1:8080/x', 'upstream/address'],
    ['http://2852039166/', 'upstream/address'],
    ['http://0xa9fea9fe/', 'upstream/address'],
    ['http://0251.0376.0251.0376/', 'upstream/address'],
    ['http://169.254.43518/', 'upstream/address'],
    ['http://[fe80::1]/', 'upstream/address'],
    ['http://[::ffff:169.254.169.254]/', 'upstream/address'],
    ['http://[fd00:ec2::254]/', 'upstream/address'],
    ['http://100.100.100.200/', 'upstream/address'],
    ['http://METADATA.google.internal./', 'upstream/address'],
    ['file:///etc/passwd', 'schema'],
    ['unix:/run/upstream.sock', 'schema'],
    ['ftp://a/', 'schema'],
    ['http://u:p@x/', 'schema'],
    ['http://u@x/', 'schema'],
    ['http:\\\\u:p@x/', 'schema'],
    ['http://#[attributes.headers.host]/', 'schema'],
    ['http://a/#[attributes.headers.host]', 'schema'],
  ])('T031 may not be %s', async (url, rule) => {
    const gateway = JSON.stringify({ routes: [{ name: 'r', upstream: url }] })
    const started = startProxy({ policies: policy('public', '/'), gateway })
    const error = await started.then(
      () => undefined,
      (reason: { diagnostics?: readonly { readonly rule: string }[] }) => reason,
    )
    expect(error?.diagnostics?.[0]?.rule).toMatch(new RegExp(`^${rule}`))
  })

  it.each([
    'Host: 169.254.169.254\r\n',
    'Host: evil.example:1\r\n',
    'Host: a\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n',
    'Host: a\r\nX-Original-URL: http://evil.example/\r\nX-Rewrite-URL: //evil.example/\r\n',
  ])('T031 is what the route says, whatever the client sends: %j', async (fields) => {
    const { status, reached } = await send(`GET /public HTTP/1.1\r\n${fields}\r\n`)
    expect(status).toBe(200)
    expect(reached.map(({ target, values }) => [target, values('host')])).toEqual([
      ['/public', [new URL(upstream.url).host]],
    ])
  })
})

/** What the tests of URL parsers are about, in targets of our own. */
const NASTY: readonly string[] = [
  ...String.raw`
    / /a /a/ /a? /a?? /a?b?c /? /?/ /?// /?a=/../b /a?x=\ /a?# /a# /a#b /# # ? ?a // //a ///a /a// /a//b /a/?//b
    /. /.. /... /.... /.a /a. /a/. /a/.. /a/../ /a/./b /..a /a../b /%2e /%2E /%2e%2e /.%2e /%2e. /%2ea /a/%2e%2e/b
    /%252e /%25%32%65 /%2f /%2F /%5c /%00 /%0a /%0d%0a /%09 /%20 /%7f /%ff /%FF /%80 /% /%1 /%zz /%u0041 /a% /a?%
    /a?%zz /a?%00 /a?%2e%2e%2f /%% /%%41 /%c3%a9 /%C3%A9 /%e2%82%ac /%f0%9f%98%80 /%c0%ae /%c1%9c /%ed%a0%80
    /%ef%bb%bf /; /;a /a; /a;b /a;b=c/d /..; /.;a /..;/a /;/a /%3b /..%3b/a /a%3b.. /a:b /a:80 /: /:80 /@ /@evil
    /u:p@evil /a@evil:80 /[::1] /http://evil/ /http:%2f%2fevil /http:/evil /a?http://evil/ http://evil http:/evil
    http:evil http: HTTP://EVIL/ https://a/ file:///etc/passwd javascript:alert(1) data:,x ws://a/ //a@b/ //[::1]/
    //127.1/ //0x7f000001/ /\ /\a \ \a \\a /a\b /a/\/b \/a * ** /* a a/b ./a ../a a:b @ : ; & = /& /= /+ /a+b /,
    /a|b /a^b /a{b} /{a} /a"b /a'b /a<b> /~a /!$& /(a) /a* /$1 /a?a=1&a=2 /a?a /a?= /a?&& /a?a[]=1 /a?{} /a?"
    /a?<> /a?' /a?|^ /A /a/B /a%2Cb /a%2cb /a%40b /a%3ab /a%3f /a%23 /a%41 /a%7e /a%2d /a%5f /constructor
    /__proto__ /toString?__proto__=1 /a?constructor=1 /hasOwnProperty/x
  `
    .trim()
    .split(/\s+/),
  ...[
    '',
    '/a`b',
    '/a?`',
    '/\x7f',
    '/\x80',
    '/\xff',
    '/caf\xe9',
    '/\x01',
    '/a\tb',
    '/a?\x80',
    '/a?\xff',
  ],
  ...['/a\x0bb', '/a\x00b', `/${'a/'.repeat(200)}`, `/${'%20'.repeat(200)}`, `/${'.'.repeat(300)}`],
  `/a?${'&'.repeat(300)}`,
]

const PIECES = String.raw`
  / / / // \ . .. %2e %2E%2e %2f %5C %00 % %4 %41 %25 %252e %c0%ae %e2%82%ac ; ;x=1 ? ? # @ : :80 * & =
  a b A public admin http: evil.example [::1] ~ ^ | "
`

/** Pieces that parsers stumble over, one after another. */
const made = fc
  .array(fc.constantFrom('\x80', '\x7f', ...PIECES.trim().split(/\s+/)), {
    minLength: 1,
    maxLength: 8,
  })
  .chain((pieces) => {
    const joined = pieces.join('')
    return fc.constantFrom(joined, `/${joined}`, `/a/${joined}`)
  })

describe('T033 what was matched is what is forwarded', () => {
  beforeAll(() => start([policy('public', '/')]))
  afterAll(stop)

  /** True when the request was served; then all of its target is on the wire as it was matched. */
  async function agrees(target: string): Promise<boolean> {
    const { status, reached, error } = await send(get(target, 'a:80'))
    if (status !== 200) {
      expect([status, error, reached]).toEqual([400, expect.stringMatching(/^request\//), []])
      return false
    }
    const [request] = reached
    expect(reached).toHaveLength(1)
    expect(request?.target).toBe(target)
    expect(request?.values('x-matched')).toEqual([target])
    const [path = ''] = target.split('?', 1)
    expect(request?.values('x-path')).toEqual([path])
    expect(request?.values('x-query')).toEqual([target.slice(path.length) || '?'])
    expect(request?.values('x-host')).toEqual(['a:80'])
    expect(request?.values('host')).toEqual([new URL(upstream.url).host])
    // a second reading, with a base: a URL parser finds our upstream, and in it this path and query
    const read = new URL(target, upstream.url)
    expect(read.origin).toBe(upstream.url)
    expect(read.pathname.split('/')).toHaveLength(path.split('/').length)
    return true
  }

  it(`in ${NASTY.length} targets that are hard to read`, async () => {
    const served: string[] = []
    for (const target of NASTY) if (await agrees(target)) served.push(target)
    expect(served).toEqual(
      expect.arrayContaining([
        '/a',
        '/a??',
        '/?//',
        '/a?x=\\',
        '/%252e',
        '/http:/evil',
        '/a:80',
        '/a;b',
      ]),
    )
    expect(served.length).toBeLessThan(NASTY.length / 1.5)
  })

  it('in 200 targets that are put together', async () => {
    let served = 0
    await fc.assert(
      fc.asyncProperty(made, async (target) => {
        if (await agrees(target)) served += 1
      }),
      { numRuns: 200, seed: 33 },
    )
    expect(served).toBeGreaterThan(20)
  })
})
