import { createServer } from 'node:https'
import { describe, expect, it } from 'vitest'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { hmacSecret } from '../support/keys.ts'
import { hasIPv6, listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS to the upstream, as openssl is not on the PATH\n')
}

if (!hasIPv6) process.stderr.write('skipped: TLS to [::1], as there is no IPv6\n')

/** What a client that says another Host gets through a proxy that keeps it. */
async function get(options: {
  readonly host: string
  readonly names: string
  readonly trusted: boolean
}) {
  const certificate = await makeCertificate(options.names)
  const asked: unknown[] = []
  const upstream = createServer(certificate, (message, response) => {
    asked.push('servername' in message.socket ? message.socket.servername : undefined)
    response.end(`for ${message.headers.host} over ${message.httpVersion}`)
  })
  const address = options.host === '[::1]' ? '::1' : '127.0.0.1'
  const url = `https://${options.host}:${await listening(upstream, address)}`
  const tls = options.trusted ? 'tls: { ca: ca.pem },' : ''
  const proxy = await startProxy({
    policies:
      'name: signed\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n',
    gateway: `routes: [{ name: all, upstream: { url: "${url}", ${tls} hostHeader: client } }]`,
    files: { 'ca.pem': certificate.cert },
    variables: { SECRET: hmacSecret() },
  })
  const request = 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
  return { reply: await rawRequest(proxy.port, request), asked }
}

describe.skipIf(!canMakeCertificates)('TLS to the upstream', () => {
  it.each([
    ['localhost', 'DNS:localhost', 'localhost'],
    ['127.0.0.1', 'IP:127.0.0.1', false],
    ...(hasIPv6 ? [['[::1]', 'IP:::1', false] as const] : []),
  ] as const)(
    'asks for the certificate of %s, whatever Host the client sent',
    async (host, names, asks) => {
      const { reply, asked } = await get({ host, names, trusted: true })
      expect(reply.text).toMatch(/for evil\.example over 1\.1/)
      expect(asked).toEqual([asks])
    },
  )

  it('refuses a certificate for the Host of the client', async () => {
    const { reply } = await get({ host: 'localhost', names: 'DNS:evil.example', trusted: true })
    expect(reply.status).toBe(502)
  })

  it('refuses a certificate that no trusted authority has signed', async () => {
    const { reply } = await get({ host: 'localhost', names: 'DNS:localhost', trusted: false })
    expect(reply.status).toBe(502)
  })
})
