import { createServer, type ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type TestAuthority } from '../support/authority.ts'
import { canMakeCertificates, type TestCertificate } from '../support/certificate.ts'
import { forwardTo } from '../support/forwarding.ts'
import { listening } from '../support/listening.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: TLS to upstreams, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('TLS to an upstream', () => {
  let authority: TestAuthority
  let orders: TestCertificate
  let client: TestCertificate

  beforeAll(async () => {
    authority = await createAuthority()
    orders = await authority.issue({ names: ['DNS:orders.mesh'] })
    client = await authority.issue({ subject: '/CN=proxy' })
  })

  /** A server that answers with what it knows of the connection, and a proxy before it. */
  async function start(upstream: { readonly tls?: object }, options: ServerOptions = {}) {
    const server = createServer({ ...orders, ...options }, (message, response) => {
      const socket = message.socket as TLSSocket & { readonly servername: string }
      const { subject } = socket.getPeerCertificate()
      response.end(
        JSON.stringify({
          host: message.headers.host,
          name: socket.servername,
          client: subject?.CN,
          version: socket.getProtocol(),
        }),
      )
    })
    const port = await listening(server)
    const { cert, key } = client
    const proxy = await forwardTo(
      {
        url: `https://orders.mesh:${port}`,
        addresses: [`127.0.0.1:${port}`],
        ...upstream,
        tls: { ca: 'ca.pem', ...upstream.tls },
      },
      { 'ca.pem': authority.cert, 'cert.pem': cert, 'key.pem': key },
    )
    return { proxy, port }
  }

  it('asks for the host of the URL, although connections go to an address', async () => {
    const { proxy, port } = await start({})
    const seen = await (await fetch(proxy.url)).json()
    expect(seen).toMatchObject({ host: `orders.mesh:${port}`, name: 'orders.mesh' })
  })

  it('asks for tls.serverName, which the certificate must bear', async () => {
    const { proxy } = await start({ tls: { serverName: 'orders.mesh' } })
    expect((await fetch(proxy.url)).status).toBe(200)
    const other = await start({ tls: { serverName: 'billing.mesh' } })
    const refused = await fetch(other.proxy.url)
    expect(refused.status).toBe(502)
    expect(await refused.text()).not.toContain('mesh')
    expect(other.proxy.requests()[0]?.error?.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('shows the client certificate', async () => {
    const tls = { cert: 'cert.pem', key: 'key.pem' }
    const asks = { requestCert: true, ca: authority.cert }
    const { proxy } = await start({ tls }, asks)
    expect(await (await fetch(proxy.url)).json()).toMatchObject({ client: 'proxy' })
    const without = await start({}, asks)
    expect((await fetch(without.proxy.url)).status).toBe(502)
  })

  it('refuses versions below tls.minVersion', async () => {
    const { proxy } = await start({ tls: { minVersion: 'TLSv1.3' } })
    expect(await (await fetch(proxy.url)).json()).toMatchObject({ version: 'TLSv1.3' })
    const old = await start({ tls: { minVersion: 'TLSv1.3' } }, { maxVersion: 'TLSv1.2' })
    expect((await fetch(old.proxy.url)).status).toBe(502)
    const lax = await start({}, { maxVersion: 'TLSv1.2' })
    expect(await (await fetch(lax.proxy.url)).json()).toMatchObject({ version: 'TLSv1.2' })
  })

  it('T057 R14 refuses a certificate that has expired or that nobody known has signed', async () => {
    const expired = await authority.issue({ names: ['DNS:orders.mesh'], days: -1 })
    const stranger = await (await createAuthority('other')).issue({ names: ['DNS:orders.mesh'] })
    for (const [certificate, cause] of [
      [expired, 'CERT_HAS_EXPIRED'],
      [stranger, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ] as const) {
      const { proxy } = await start({}, certificate)
      const refused = await fetch(proxy.url)
      expect(refused.status).toBe(502)
      expect(await refused.json()).toMatchObject({ code: 'upstream/protocol' })
      expect(proxy.requests()[0]?.error?.message).toContain(cause)
    }
  })
})
