import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer, request } from 'node:https'
import { describe, expect, it } from 'vitest'
import { peerOf } from '../../../src/hosts/peer-of.ts'
import { createAuthority } from '../../support/authority.ts'
import { canMakeCertificates } from '../../support/certificate.ts'
import { listening } from '../../support/listening.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: peers with certificates, as openssl is not on the PATH\n')
}

describe('a peer', () => {
  it('has no certificate without TLS, and is who the application says', async () => {
    const server = createServer((_message, response) => response.end())
    const port = await listening(server)
    const [[message]] = await Promise.all([
      once(server, 'request') as Promise<[IncomingMessage]>,
      fetch(`http://127.0.0.1:${port}`),
    ])
    expect(peerOf(message)).toEqual({})
    const authentication = { principal: 'ann' }
    expect(peerOf(message, { authentication })).toEqual({ authentication })
  })

  it.skipIf(!canMakeCertificates)(
    'has the certificate of its connection when the server trusts it, the same each time',
    async () => {
      const [authority, other] = [await createAuthority(), await createAuthority()]
      const server = createTlsServer(
        {
          ...(await authority.issue()),
          ca: authority.cert,
          requestCert: true,
          rejectUnauthorized: false,
        },
        (_message, response) => response.end(),
      )
      const port = await listening(server)
      const messageFrom = async (certificate: object): Promise<IncomingMessage> => {
        const options = { host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }
        request({ ...options, ...certificate })
          .on('error', () => {})
          .end()
        const [message] = await once(server, 'request')
        return message
      }

      const trusted = await messageFrom(await authority.issue())
      const { certificate } = peerOf(trusted)
      expect(certificate?.subject).toBe('CN=orders')
      expect(peerOf(trusted).certificate).toBe(certificate)
      expect(peerOf(trusted, { trustsCertificate: () => false })).toEqual({})
      expect(peerOf(await messageFrom(await other.issue()))).toEqual({})
      expect(peerOf(await messageFrom({}))).toEqual({})
    },
  )
})
