import { beforeAll, describe, expect, it } from 'vitest'
import { gatewaySchema } from '../../../src/config/gateway-schema.ts'
import { readListenerTls } from '../../../src/config/listeners.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import {
  canMakeCertificates,
  makeCertificate,
  type TestCertificate,
} from '../../support/certificate.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: listen.tls, as openssl is not on the PATH\n')
}

const DAYS = 24 * 60 * 60 * 1000
const FILES = { cert: 'cert.pem', key: 'key.pem' }

describe.skipIf(!canMakeCertificates)('listen.tls', () => {
  let [made, other]: TestCertificate[] = []
  beforeAll(async () => {
    made = await makeCertificate()
    other = await makeCertificate()
  })

  async function read(tls: object, { serving = false, days = 0 } = {}) {
    const folder = await tempFolder({
      'cert.pem': made?.cert ?? '',
      'key.pem': made?.key ?? '',
      'other.pem': other?.key ?? '',
      'text.pem': 'CANARY',
    })
    const environment = { ...systemEnvironment(), now: () => Date.now() + days * DAYS }
    const { scope, faults } = recordingScope({ folder: folder.path, environment, serving })
    const { listen } = gatewaySchema.parse({ listen: { address: '127.0.0.1:0', tls } })
    return { tls: await readListenerTls(listen, scope), faults }
  }

  it('holds certificate and key, and speaks TLSv1.2 or later', async () => {
    const { tls, faults } = await read({ ...FILES, clientCa: 'cert.pem' })
    expect(faults).toEqual([])
    expect(tls).toMatchObject({ cert: made?.cert, clientCa: made?.cert, minVersion: 'TLSv1.2' })
    expect(tls?.key.reveal()).toBe(made?.key)
    expect(JSON.stringify(tls)).not.toContain('PRIVATE')
  })

  it.each<[string, object, string, string]>([
    ['the key of another certificate', { key: 'other.pem' }, 'key', 'of the certificate'],
    ['a key that is none', { key: 'text.pem' }, 'key', 'a private key in PEM'],
    ['a certificate that is none', { cert: 'text.pem' }, 'cert', 'a certificate in PEM'],
    ['a certificate that is a key', { cert: 'key.pem' }, 'cert', 'a certificate in PEM'],
    ['authorities that are none', { clientCa: 'text.pem' }, 'clientCa', 'certificates in PEM'],
    ['a file that is not there', { clientCa: 'none.pem' }, 'clientCa', 'no such file'],
  ])('is refused with %s', async (_what, files, place, said) => {
    const { tls, faults } = await read({ ...FILES, ...files })
    expect(tls).toBeUndefined()
    expect(faults).toMatchObject([{ severity: 'error', rule: 'gateway/tls-file', path: [place] }])
    expect(faults[0]?.message).toContain(said)
    expect(JSON.stringify(faults)).not.toContain('CANARY')
  })

  it.each([
    ['has expired', 2],
    ['begins later', -2],
  ])(
    'is refused with a certificate that %s, and only warned about while it serves',
    async (said, days) => {
      const fault = { rule: 'gateway/tls-expired', path: ['cert'] }
      const { faults } = await read(FILES, { days })
      expect(faults).toMatchObject([{ ...fault, severity: 'error' }])
      expect(faults[0]?.message).toContain(said)
      const { tls, faults: warnings } = await read(FILES, { days, serving: true })
      expect(warnings).toMatchObject([{ ...fault, severity: 'warning' }])
      expect(tls).toBeDefined()
    },
  )
})

describe('listen', () => {
  it.each([
    [{ tls: FILES }],
    [{ address: '127.0.0.1:1' }],
    [{ address: '127.0.0.1:1', tls: { cert: 'cert.pem' } }],
    [{ address: '127.0.0.1:1', tls: { key: 'key.pem' } }],
    [{ address: '127.0.0.1:1', tls: { ...FILES, minVersion: 'TLSv1.1' } }],
    [{ address: '127.0.0.1', tls: FILES }],
    [{ address: 'off', tls: FILES }],
  ])('is refused as %j', (listen) => {
    expect(gatewaySchema.safeParse({ listen }).success).toBe(false)
  })
})
