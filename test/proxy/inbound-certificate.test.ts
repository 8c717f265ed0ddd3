import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createAuthority, type TestAuthority } from '../support/authority.ts'
import { canMakeCertificates, type TestCertificate } from '../support/certificate.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy } from '../support/proxy.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS of the proxy listener, as openssl is not on the PATH\n')
}

const POLICY = `
name: who
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  sub: "#[authentication.principal]"
inject: { location: header, name: x-token }
`
const ROUTE = 'authenticate: [mesh]'

describe.skipIf(!canMakeCertificates)('the proxy listener with TLS', () => {
  let [authority, other]: TestAuthority[] = []
  let server: TestCertificate
  let [good, unlisted, expired, foreign, forServers]: TestCertificate[] = []

  beforeAll(async () => {
    const made = await Promise.all([createAuthority(), createAuthority()])
    ;[authority, other] = made
    server = await made[0].issue({ subject: '/CN=proxy', names: ['IP:127.0.0.1'] })
    good = await made[0].issue({})
    unlisted = await made[0].issue({ subject: '/CN=billing' })
    expired = await made[0].issue({ days: -1 })
    foreign = await made[1].issue({})
    forServers = await made[0].issue({ usage: 'serverAuth' })
  })

  async function start({ route = ROUTE, clientCa = true, tls = '', bodyRead = false } = {}) {
    const upstream = await recordingUpstream()
    onTestFinished(upstream.close)
    const gateway = (files = clientCa ? ', clientCa: ca.pem' : '') => `
listen: { address: 127.0.0.1:0, tls: { cert: cert.pem, key: key.pem${files}${tls} } }
authenticators:
  mesh: { clientCertificate: { subjects: ["CN=orders"] } }
  front: { trustedHeader: { name: x-user, from: [127.0.0.1] } }
routes: [{ name: all, upstream: "${upstream.url}", ${route} }]
`
    const proxy = await startProxy({
      policies: bodyRead ? POLICY.replace('principal]', 'principal & $string(payload)]') : POLICY,
      gateway: gateway(),
      files: { 'cert.pem': server.cert, 'key.pem': server.key, 'ca.pem': authority?.cert ?? '' },
      variables: { SECRET: hmacSecret() },
    })
    const replace = (name: string, content: string) =>
      writeFile(join(proxy.folder, '..', name), content)
    return { proxy, upstream, gateway, replace }
  }

  it('recognises a client by its certificate', async () => {
    const { proxy, upstream } = await start()
    expect((await get(proxy.port, good)).status).toBe(200)
    expect(subjects(upstream)).toEqual(['orders'])
  })

  it.each([
    ['none', () => undefined],
    ['one of another authority', () => foreign],
    ['one that has expired', () => expired],
    ['one that is for servers only', () => forServers],
    ['a self-signed one of the same subject', () => createAuthority('orders')],
  ])('finds no credential in a connection with %s', async (_what, certificate) => {
    const { proxy, upstream } = await start()
    expect((await get(proxy.port, await certificate())).status).toBe(401)
    expect(proxy.log()).toContain('"reason":"missing"')
    expect(upstream.requests()).toEqual([])
  })

  it('refuses a certificate that is not on the list, whatever credential comes beside it', async () => {
    const { proxy } = await start({ route: 'authenticate: [mesh, front, anonymous]' })
    expect((await get(proxy.port, unlisted, { 'x-user': 'ann' })).status).toBe(401)
    expect(proxy.log()).toContain('"reason":"not-listed"')
  })

  it('lets a client without a certificate show another credential', async () => {
    const { proxy, upstream } = await start({ route: 'authenticate: [mesh, front]' })
    expect((await get(proxy.port, foreign, { 'x-user': 'ann' })).status).toBe(200)
    expect(subjects(upstream)).toEqual(['ann'])
  })

  it('asks nobody for a certificate without clientCa', async () => {
    const { proxy } = await start({ clientCa: false })
    expect((await get(proxy.port, good)).status).toBe(401)
  })

  it('tells expressions that the scheme is https', async () => {
    const { proxy } = await start({
      route: `authenticate: [front], allow: "#[attributes.scheme = 'https']"`,
    })
    expect((await get(proxy.port, undefined, { 'x-user': 'ann' })).status).toBe(200)
  })

  it.each(['TLSv1', 'TLSv1.1'] as const)('does not speak %s', async (maxVersion) => {
    const { proxy } = await start()
    const options = { minVersion: 'TLSv1', maxVersion, ciphers: 'ALL@SECLEVEL=0' } as const
    await expect(open(proxy.port, options)).rejects.toThrow()
  })

  it('speaks TLSv1.2, unless minVersion is higher', async () => {
    const { proxy } = await start()
    const socket = await open(proxy.port, { maxVersion: 'TLSv1.2' })
    expect(socket.getProtocol()).toBe('TLSv1.2')
    const { proxy: strict } = await start({ tls: ', minVersion: TLSv1.3' })
    await expect(open(strict.port, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
  })

  it('speaks HTTP/1.1 alone', async () => {
    const { proxy } = await start()
    const socket = await open(proxy.port, { ALPNProtocols: ['h2', 'http/1.1'] })
    expect(socket.alpnProtocol).toBe('http/1.1')
    await expect(open(proxy.port, { ALPNProtocols: ['h2'] })).rejects.toThrow()
  })

  it('closes a connection that does not speak TLS, and tells nobody', async () => {
    const { proxy } = await start()
    const socket = connectPlain(proxy.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await text(socket).catch(() => '')).not.toContain('HTTP/1.1')
    expect(proxy.requests()).toEqual([])
  })

  it.each([
    ['a malformed head', 'GET / HTTP/1.1\r\nHost a\r\n\r\n', 400],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`,
      431,
    ],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405],
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
  ])('answers %s as without TLS', async (_what, bytes, status) => {
    const { proxy } = await start()
    const socket = await open(proxy.port)
    socket.write(bytes)
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('answers a client that ends its side after the request', async () => {
    const { proxy } = await start()
    const socket = await open(proxy.port, { ...good, allowHalfOpen: true })
    socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('shows a renewed certificate after a reload', async () => {
    const { proxy, replace } = await start()
    const renewed = await authority?.issue({ subject: '/CN=renewed', names: ['IP:127.0.0.1'] })
    await replace('cert.pem', renewed?.cert ?? '')
    await replace('key.pem', renewed?.key ?? '')
    expect(await proxy.reload()).toBe(true)
    const socket = await open(proxy.port)
    expect(socket.getPeerCertificate().subject.CN).toBe('renewed')
  })

  it('goes on with what served when a reload finds a key of another certificate', async () => {
    const { proxy, replace } = await start()
    await replace('key.pem', good?.key ?? '')
    expect(await proxy.reload()).toBe(false)
    expect((await get(proxy.port, good)).status).toBe(200)
  })

  it('believes no certificate of an authority that a reload took away, on no connection', async () => {
    const { proxy, replace } = await start()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    expect((await get(proxy.port, good, {}, agent)).status).toBe(200)
    await replace('ca.pem', other?.cert ?? '')
    expect(await proxy.reload()).toBe(true)
    expect((await get(proxy.port, good, {}, agent)).status).toBe(401)
    expect((await get(proxy.port, good)).status).toBe(401)
    expect((await get(proxy.port, foreign)).status).toBe(200)
  })

  it('believes no certificate of an authority that goes while the body comes in', async () => {
    const { proxy, upstream, replace } = await start({ bodyRead: true })
    const socket = await open(proxy.port, { ...good })
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    socket.write(`${head}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`)
    await once(socket, 'data')
    await replace('ca.pem', other?.cert ?? '')
    expect(await proxy.reload()).toBe(true)
    socket.write('{}')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /)
    expect(upstream.requests()).toEqual([])
  })

  it('asks for certificates from the reload on that names authorities, and no longer without', async () => {
    const { proxy, gateway, replace } = await start({ clientCa: false })
    expect((await get(proxy.port, good)).status).toBe(401)
    await replace('countersign.yaml', gateway(', clientCa: ca.pem'))
    expect(await proxy.reload()).toBe(true)
    expect((await get(proxy.port, good)).status).toBe(200)
    await replace('countersign.yaml', gateway(''))
    expect(await proxy.reload()).toBe(true)
    expect((await get(proxy.port, good)).status).toBe(401)
  })

  it('closes connections that wait when the next one finds other files', async () => {
    const { proxy, replace } = await start()
    const waiting = await open(proxy.port, { ...good })
    waiting.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(waiting, 'data')
    await replace('ca.pem', other?.cert ?? '')
    expect(await proxy.reload()).toBe(true)
    await Promise.all([once(waiting, 'close'), get(proxy.port)])
  })

  it('believes no resumed session of an authority that a reload took away', async () => {
    const { proxy, replace } = await start()
    const first = await open(proxy.port, { ...good })
    first.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const [session] = await once(first, 'session')
    const again = await open(proxy.port, { ...good, session })
    expect(again.isSessionReused()).toBe(true)
    await replace('ca.pem', other?.cert ?? '')
    expect(await proxy.reload()).toBe(true)
    const resumed = await open(proxy.port, { ...good, session })
    resumed.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await text(resumed)).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('keeps connections over a reload that leaves the files as they were', async () => {
    const { proxy } = await start()
    const socket = await open(proxy.port, { ...good })
    expect(await proxy.reload()).toBe(true)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/200 OK/)
    expect(String(answer)).not.toMatch(/connection: close/i)
  })
})

interface Answer {
  readonly status: number
}

async function get(
  port: number,
  certificate?: TestCertificate,
  headers: Record<string, string> = {},
  agent: Agent | false = false,
): Promise<Answer> {
  const options = { host: '127.0.0.1', port, rejectUnauthorized: false, agent, headers }
  const asked = request({ ...options, ...certificate })
  asked.end()
  const [response] = await once(asked, 'response')
  await text(response)
  return { status: response.statusCode }
}

/** The types do not know that `net` takes this one. */
type OpenOptions = ConnectionOptions & { readonly allowHalfOpen?: boolean }

async function open(port: number, options: OpenOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  return socket
}

function subjects(upstream: RecordingUpstream): unknown[] {
  return upstream.requests().map(({ values }) => {
    const [, claims = ''] = values('x-token')[0]?.split('.') ?? []
    return JSON.parse(Buffer.from(claims, 'base64url').toString()).sub
  })
}
