import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { createAuthority } from '../support/authority.ts'
import { canMakeCertificates } from '../support/certificate.ts'
import { hmacSecret } from '../support/keys.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: a proxy with TLS, as openssl is not on the PATH\n')
}

it.skipIf(!canMakeCertificates)(
  'serves with TLS where the file says, and takes up certificates as they are renewed',
  async () => {
    const authority = await createAuthority()
    const issue = (name: string) =>
      authority.issue({ subject: `/CN=${name}`, names: ['DNS:proxy'] })
    const [first, second] = [await issue('first'), await issue('second')]
    const folder = await tempFolder({
      'countersign.yaml': [
        'listen: { address: 127.0.0.1:0, tls: { cert: cert.pem, key: key.pem } }',
        'management: off',
        'routes: [{ name: all, upstream: "http://127.0.0.1:1", authenticate: [front] }]',
        'authenticators: { front: { trustedHeader: { name: x-user, from: [192.0.2.1] } } }\n',
      ].join('\n'),
      'policies/p.yaml':
        'name: p\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\n',
      'cert.pem': first.cert,
      'key.pem': first.key,
    })
    const args = ['serve', '--config', join(folder.path, 'countersign.yaml')]
    const proxy = startCountersign(args, { env: { KEY: hmacSecret() } })
    const [, port] = await proxy.waitFor(/https:\/\/127\.0\.0\.1:(\d+)/)
    const open = async (): Promise<TLSSocket> => {
      const options = { host: '127.0.0.1', port: Number(port), servername: 'proxy' }
      const socket = connect({ ...options, ca: authority.cert })
      await once(socket, 'secureConnect')
      return socket
    }

    const before = await open()
    expect(before.getPeerCertificate().subject.CN).toBe('first')
    before.write('GET / HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n')
    expect(await text(before)).toMatch(/^HTTP\/1\.1 401 /)

    await folder.write('key.pem', second.key)
    await folder.write('cert.pem', second.cert)
    proxy.signal('SIGHUP')
    await expect
      .poll(
        async () => {
          const socket = await open()
          const { subject } = socket.getPeerCertificate()
          socket.destroy()
          return subject.CN
        },
        { timeout: 5000 },
      )
      .toBe('second')
    const key = await readFile(join(folder.path, 'key.pem'), 'utf8')
    expect(proxy.stdout() + proxy.stderr()).not.toContain(key.split('\n')[1])
    proxy.signal('SIGTERM')
    expect(await proxy.exited).toMatchObject({ code: 0 })
  },
)
