import { createServer } from 'node:https'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { proxy } from '../../src/hosts/express.ts'
import { canMakeCertificates, makeCertificate } from '../support/certificate.ts'
import { hasIPv6, listening } from '../support/listening.ts'
import { rawRequest } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { AT, serve, signing } from './host.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS to the upstream of Express, as openssl is not on the PATH\n')
}

if (!hasIPv6) process.stderr.write('skipped: TLS to [::1], as there is no IPv6\n')

/** An HTTPS upstream behind a gateway that keeps the client's Host. */
async function gateway(options: {
  readonly host: string
  readonly names: string
  readonly trusted: boolean
}) {
  const certificate = await makeCertificate(options.names)
  const server = createServer(certificate, (message, response) => {
    response.end(`for ${message.headers.host}`)
  })
  const address = options.host === '[::1]' ? '::1' : '127.0.0.1'
  const url = `https://${options.host}:${await listening(server, address)}`
  const folder = await tempFolder({ 'ca.pem': certificate.cert })
  const tls = options.trusted ? `tls: { ca: ${folder.path}/ca.pem },` : ''
  const middleware = await signing(AT.header, {
    gateway: `routes: [{ name: all, upstream: { url: "${url}", ${tls} hostHeader: client } }]`,
  })
  return await serve(express().use(middleware, proxy()))
}

afterEach(() => {
  vi.unstubAllEnvs()
})

const LOCALHOST = { host: 'localhost', names: 'DNS:localhost' }
const GET = 'GET / HTTP/1.1\r\nHost: evil.example\r\nX-User: ann\r\nConnection: close\r\n\r\n'

describe.skipIf(!canMakeCertificates)('TLS to the upstream', () => {
  it.each([
    ['localhost', 'DNS:localhost'],
    ['127.0.0.1', 'IP:127.0.0.1'],
    ...(hasIPv6 ? [['[::1]', 'IP:::1'] as const] : []),
  ] as const)(
    'asks for the certificate of %s, whatever Host the client sent',
    async (host, names) => {
      const reply = await rawRequest(await gateway({ host, names, trusted: true }), GET)
      expect(reply.text).toMatch(/for evil\.example$/)
    },
  )

  it('T057 refuses a certificate that no trusted authority has signed, whatever the environment allows', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const reply = await rawRequest(await gateway({ ...LOCALHOST, trusted: false }), GET)
    expect(reply.status).toBe(502)
  })
})
