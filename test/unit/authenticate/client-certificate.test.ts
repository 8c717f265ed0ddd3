import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Evidence } from '../../../src/authenticate/authenticator.ts'
import { clientCertificate } from '../../../src/authenticate/client-certificate.ts'
import { createKeySets } from '../../../src/keys/index.ts'
import { createAuthority, type IssueOptions, type TestAuthority } from '../../support/authority.ts'
import { canMakeCertificates } from '../../support/certificate.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestHead } from '../../support/request-context.ts'

if (!canMakeCertificates) {
  process.stderr.write('skipped: client certificates, as openssl is not on the PATH\n')
}

describe.skipIf(!canMakeCertificates)('a client certificate', () => {
  let authority: TestAuthority
  beforeAll(async () => {
    authority = await createAuthority()
  })

  const issue = async (options: IssueOptions) =>
    new X509Certificate((await authority.issue(options)).cert)

  it.each<[string, string, IssueOptions]>([
    ['one attribute', 'CN=orders', { subject: '/O=acme/CN=orders' }],
    ['several, in any order', 'CN=orders,O=acme', { subject: '/O=acme/CN=orders' }],
    [
      'types in other letters, and blanks',
      'cn = orders, o = acme',
      { subject: '/O=acme/CN=orders' },
    ],
    ['a value with a comma', 'O=acme\\, Inc.', { subject: '/O=acme, Inc./CN=orders' }],
    ['a value in UTF-8', 'CN=b\\c3\\bccher', { subject: '/CN=bücher' }],
    ['a value with backslashes', 'CN=a\\\\41', { subject: '/CN=a\\\\41' }],
  ])('is recognised by its subject: %s', async (_what, subject, options) => {
    expect(await examine({ subjects: [subject] }, await issue(options))).toHaveProperty('caller')
  })

  it.each<[string, string, IssueOptions]>([
    ['another value', 'CN=orders', { subject: '/CN=orders2' }],
    ['another case of the value', 'CN=orders', { subject: '/CN=Orders' }],
    ['an attribute that is missing', 'CN=orders,O=acme', { subject: '/CN=orders' }],
    ['another attribute with the value', 'CN=orders', { subject: '/O=orders/CN=x' }],
    ['the attribute twice', 'CN=orders', { subject: '/CN=x/CN=orders' }],
    ['the attribute inside another', 'CN=orders', { subject: '/O=x, CN=orders/CN=y' }],
    ['the attribute behind a line end', 'CN=orders', { subject: '/O=x\nCN=orders/CN=y' }],
  ])('is not recognised by its subject: %s', async (_what, subject, options) => {
    const finding = await examine({ subjects: [subject] }, await issue(options))
    expect(finding).toEqual({ refused: { reason: 'not-listed' } })
  })

  it.each([
    ['DNS:orders.mesh'],
    ['URI:spiffe://mesh/orders'],
    ['email:ops@example.com'],
    ['IP:10.0.0.7'],
    ['IP:fd00::7'],
    ['IP:FD00:0:0::0:7'],
  ])('is recognised by the alternative name %s', async (name) => {
    const names = ['DNS:a', 'IP:fd00::7', 'URI:spiffe://mesh/orders', 'email:ops@example.com']
    const certificate = await issue({ names: [...names, 'IP:10.0.0.7', 'DNS:orders.mesh'] })
    expect(await examine({ sans: [name] }, certificate)).toHaveProperty('caller')
  })

  // CVE-2021-44532: names that hold what separates names
  it.each([
    ['URI:http://x/, DNS:orders.mesh'],
    ['URI:http://x/", DNS:orders.mesh'],
    ['URI:http://x/\\", DNS:orders.mesh, "'],
    ['DNS:x, DNS:orders.mesh'],
    ['DNS:*.mesh'],
    ['DNS:orders.mesh.evil.example'],
    ['email:DNS:orders.mesh'],
  ])('is not recognised by a name inside another: %s', async (name) => {
    const certificate = await issue({ names: [name] })
    const finding = await examine({ sans: ['DNS:orders.mesh'] }, certificate)
    expect(finding).toEqual({ refused: { reason: 'not-listed' } })
  })

  it('is recognised by its fingerprint, with and without colons, in any case', async () => {
    const certificate = await issue({})
    const colons = certificate.fingerprint256
    for (const text of [colons, colons.toLowerCase(), colons.replaceAll(':', '')]) {
      expect(await examine({ fingerprints: [text] }, certificate)).toHaveProperty('caller')
    }
    const other = [(await issue({})).fingerprint256]
    expect(await examine({ fingerprints: other }, certificate)).toHaveProperty('refused')
  })

  it('is recognised when it is on one of several lists', async () => {
    const lists = { subjects: ['CN=other'], sans: ['DNS:orders.mesh'] }
    expect(await examine(lists, await issue({ names: ['DNS:orders.mesh'] }))).toHaveProperty(
      'caller',
    )
  })

  it('tells subject, names and fingerprint', async () => {
    const certificate = await issue({ subject: '/O=acme/CN=orders', names: ['DNS:orders.mesh'] })
    const finding = await examine({ subjects: ['CN=orders'] }, certificate)
    expect(finding).toEqual({
      caller: {
        scheme: 'clientCertificate',
        principal: 'orders',
        properties: {
          subject: { O: 'acme', CN: 'orders' },
          sans: ['DNS:orders.mesh'],
          fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
        },
      },
    })
  })

  it.each<[string, IssueOptions, string]>([
    [
      'the first name',
      { subject: '/O=acme', names: ['URI:spiffe://mesh/orders'] },
      'spiffe://mesh/orders',
    ],
    ['the first name, with two CNs', { subject: '/CN=a/CN=b', names: ['DNS:c'] }, 'c'],
  ])('is principal by %s without one CN', async (_what, options, principal) => {
    const lists = { sans: ['URI:spiffe://mesh/orders', 'DNS:c'] }
    expect(await examine(lists, await issue(options))).toHaveProperty('caller.principal', principal)
  })

  it('is principal by its fingerprint without CN and names', async () => {
    const certificate = await issue({ subject: '/O=acme' })
    const principal = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
    const finding = await examine({ subjects: ['O=acme'] }, certificate)
    expect(finding).toHaveProperty('caller.principal', principal)
  })

  it('is refused once it has expired on an open connection', async () => {
    const certificate = await issue({ days: -1 })
    const finding = await examine({ subjects: ['CN=orders'] }, certificate)
    expect(finding).toEqual({ refused: { reason: 'expired' } })
  })

  it('is nothing when there is none', async () => {
    expect(await examine({ subjects: ['CN=orders'] })).toBeUndefined()
  })
})

describe('the lists of client certificates', () => {
  it.each([
    [{}],
    [{ subjects: [] }],
    [{ subjects: ['orders'] }],
    [{ subjects: [''] }],
    [{ subjects: ['CN='] }],
    [{ subjects: ['CN=a,CN=b'] }],
    [{ subjects: ['CN=a,,O=b'] }],
    [{ subjects: ['CN=a\\'] }],
    [{ subjects: ['CN="a, b"'] }],
    [{ subjects: ['CN=#0c01'] }],
    [{ sans: ['orders.mesh'] }],
    [{ sans: ['dns:orders.mesh'] }],
    [{ sans: ['DNS:'] }],
    [{ sans: ['DNS:a, DNS:b'] }],
    [{ sans: ['IP:10.0.0'] }],
    [{ fingerprints: ['ab'] }],
  ])('are refused as %j', (config) => {
    expect(clientCertificate.schema.safeParse(config).success).toBe(false)
  })
})

async function examine(config: unknown, certificate?: X509Certificate) {
  const { scope } = recordingScope()
  const options = {
    name: 'mesh',
    keySets: createKeySets({ environment: fixedEnvironment() }),
    readYaml: async () => undefined,
  }
  const made = await clientCertificate.create(
    clientCertificate.schema.parse(config),
    scope,
    options,
  )
  const evidence: Evidence = { head: requestHead(), peer: certificate ? { certificate } : {} }
  return made?.examine(evidence)
}
