import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Upstream } from '../../../src/compiled.ts'
import { createConnector, tlsOptions, upstreamLookup } from '../../../src/forward/connector.ts'
import { Secret } from '../../../src/secret.ts'
import {
  canMakeCertificates,
  makeCertificate,
  type TestCertificate,
} from '../../support/certificate.ts'
import { freePort, listening } from '../../support/listening.ts'
import { upstreamAt } from '../../support/upstream.ts'

/** What opens connections to `port` of this machine, the way the upstream is reached. */
function connectorTo(port: number, scheme: string, change: Partial<Upstream> = {}) {
  const lookup = upstreamLookup((_name, _options, done) =>
    done(null, [{ address: '127.0.0.1', family: 4 }]),
  )
  const connect = createConnector(upstreamAt(`${scheme}://localhost:${port}`, change), lookup)
  return () =>
    new Promise<Socket>((resolve, reject) => {
      connect({ host: 'localhost', port }, (error, socket) => {
        if (socket) {
          onTestFinished(() => void socket.destroy())
          resolve(socket)
        } else reject(error)
      })
    })
}

const limited = (connect: number) => ({
  timeouts: { connect, headers: 1000, body: 1000, idle: 1000 },
})

describe('a connection over TCP', () => {
  it('is given when it is open, and lasts longer than it took to open', async () => {
    const server = createServer((socket) => socket.end('hello'))
    const open = connectorTo(await listening(server), 'http', limited(50))
    const socket = await open()
    expect(socket.readyState).toBe('open')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(socket.errored).toBeNull()
    expect(String((await once(socket, 'data'))[0])).toBe('hello')
  })

  it('is given when it was there in time, although the event loop noticed late', async () => {
    const open = connectorTo(await listening(createServer()), 'http', limited(50))
    const socket = open()
    process.nextTick(() => {
      const end = performance.now() + 100
      while (performance.now() < end);
    })
    expect((await socket).readyState).toBe('open')
  })

  it('is not given when nobody listens', async () => {
    const server = createServer()
    const port = await freePort(server)
    server.close()
    await expect(connectorTo(port, 'http')()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each([
    ['ECONNRESET', 'UPSTREAM_RESET'],
    ['EPIPE', 'EPIPE'],
  ])('that fails with %s when it is open fails with %s', async (code, expected) => {
    const socket = await connectorTo(await listening(createServer()), 'http')()
    socket.destroy(Object.assign(new Error('x'), { code }))
    expect((await once(socket, 'error'))[0]).toMatchObject({ code: expected })
  })
})

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS to an upstream, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('a connection over TLS', () => {
  let certificate: TestCertificate

  beforeAll(async () => {
    certificate = await makeCertificate()
  })

  afterEach(() => {
    vi.unstubAllEnvs()
  })

  async function served(ALPNProtocols: string[], change: Partial<Upstream> = {}) {
    const accepted: TLSSocket[] = []
    const server = createTlsServer({ ...certificate, ALPNProtocols }, (socket) => {
      accepted.push(socket)
      socket.on('error', () => {}).write('hello')
    })
    server.on('tlsClientError', () => {})
    const port = await listening(server)
    return {
      accepted,
      open: connectorTo(port, 'https', {
        tls: { ca: certificate.cert, minVersion: 'TLSv1.2' },
        ...change,
      }),
    }
  }

  it('is given when the certificate has been checked, with the name of the upstream', async () => {
    const { accepted, open } = await served(['http/1.1'])
    const socket = (await open()) as TLSSocket
    expect(socket.authorized).toBe(true)
    await once(socket, 'data')
    expect(accepted[0]?.servername).toBe('localhost')
  })

  it('is not given with a certificate of somebody else', async () => {
    const { open } = await served(['http/1.1'], { tls: { minVersion: 'TLSv1.2' } })
    await expect(open()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  it('T057 is not given with one either when the environment turns the check off', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const { open } = await served(['http/1.1'], { tls: { minVersion: 'TLSv1.2' } })
    await expect(open()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  it.each([
    [false, ['h2', 'http/1.1'], 'http/1.1'],
    [true, ['h2', 'http/1.1'], 'h2'],
    [true, ['http/1.1'], 'http/1.1'],
  ])('speaks, with http2: %s and to a server of %j, %s', async (http2, offered, expected) => {
    const { open } = await served(offered, { http2 })
    expect(((await open()) as TLSSocket).alpnProtocol).toBe(expected)
  })

  it('takes up the session of the one before', async () => {
    const { open } = await served(['http/1.1'])
    const first = (await open()) as TLSSocket
    await once(first, 'data')
    expect(first.isSessionReused()).toBe(false)
    expect(((await open()) as TLSSocket).isSessionReused()).toBe(true)
  })
})

it('gives a connection up that is not open in time, TLS included', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})))
  const open = connectorTo(await listening(server), 'https', limited(100))
  await expect(open()).rejects.toMatchObject({
    code: 'UND_ERR_CONNECT_TIMEOUT',
    message: 'expected a connection in time',
  })
  await once(sockets[0]?.resume() as Socket, 'close')
})

describe('tlsOptions', () => {
  const upstream = upstreamAt('https://orders.example')

  it('are the name, the check and the least version where nothing else is written', () => {
    expect(tlsOptions(upstream)).toEqual({
      servername: 'orders.example',
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
    })
  })

  it('hold what is written, the key in the clear', () => {
    const tls = { ca: 'CA', cert: 'CERT', key: new Secret('KEY'), minVersion: 'TLSv1.3' } as const
    expect(tlsOptions({ ...upstream, tls })).toEqual({
      servername: 'orders.example',
      rejectUnauthorized: true,
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      minVersion: 'TLSv1.3',
    })
  })
})
