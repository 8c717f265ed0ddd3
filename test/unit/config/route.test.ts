import { beforeAll, describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../../src/config/diagnostic.ts'
import { typeGateway } from '../../../src/config/gateway-file.ts'
import { compileRoutes } from '../../../src/config/route.ts'
import { parseDocuments } from '../../../src/config/yaml/document.ts'
import { canMakeCertificates, makeCertificate } from '../../support/certificate.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { requestHead } from '../../support/request-context.ts'

let files: Readonly<Record<string, string>> = {}

async function compile(...routes: object[]) {
  const diagnostics: Diagnostic[] = []
  const [document] = parseDocuments(
    '/etc/cs/countersign.yaml',
    JSON.stringify({ routes }),
  ).documents
  const file = typeGateway(document!, diagnostics)
  const compiled = await compileRoutes(file, new Map(), fixedEnvironment({ files }), diagnostics)
  const faults = diagnostics.map(({ rule, message }) => `${rule} ${message}`)
  return { routes: compiled, rules: diagnostics.map(({ rule }) => rule), faults }
}

async function compileOne(route: object) {
  const { routes, rules } = await compile({ name: 'r', ...route })
  expect(rules).toEqual([])
  return routes[0]!
}

describe('the target of a route', () => {
  const orders = { match: { path: '/orders' } }
  const shop = { match: { path: '/shops/{id}/x' } }
  it.each<[object, string, string]>([
    [{ upstream: 'http://up:9000' }, '/a/b?x=1', 'http://up:9000/a/b?x=1'],
    [{ upstream: 'http://up:9000/' }, '/', 'http://up:9000/'],
    [{ upstream: 'http://up/v1' }, '/a', 'http://up/v1/a'],
    [{ upstream: 'http://up/v1/' }, '/a', 'http://up/v1/a'],
    [{ upstream: 'http://up', ...orders }, '/orders/7', 'http://up/orders/7'],
    [{ ...orders, upstream: { url: 'http://up', stripPrefix: true } }, '/orders/7', 'http://up/7'],
    [{ ...orders, upstream: { url: 'http://up', stripPrefix: true } }, '/orders', 'http://up/'],
    [
      { ...orders, upstream: { url: 'http://up/v1', stripPrefix: true } },
      '/orders',
      'http://up/v1',
    ],
    [{ ...orders, upstream: { url: 'http://up', rewrite: '/o' } }, '/orders/7', 'http://up/o/7'],
    [{ ...orders, upstream: { url: 'http://up', rewrite: '/' } }, '/orders/7', 'http://up/7'],
    [{ ...orders, upstream: { url: 'http://up/v1', rewrite: '/o/' } }, '/orders', 'http://up/v1/o'],
    [{ upstream: { url: 'http://up', rewrite: '/o' } }, '/orders/7', 'http://up/o/orders/7'],
    [{ upstream: { url: 'http://up', stripPrefix: true } }, '/orders/7', 'http://up/orders/7'],
    [
      { ...shop, upstream: { url: 'http://up', stripPrefix: true } },
      '/shops/a%20b/x/7',
      'http://up/7',
    ],
    [{ ...shop, upstream: { url: 'http://up', stripPrefix: true } }, '/shops/1/x', 'http://up/'],
    [
      { ...shop, upstream: { url: 'http://up/v1', rewrite: '/s' } },
      '/shops/1/x/',
      'http://up/v1/s/',
    ],
  ])('with %j of %s is %s', async (written, uri, url) => {
    const route = await compileOne(written)
    const [requestPath = '', queryString = ''] = uri.split('?')
    expect(route.upstreamUrl(requestHead({ requestPath, queryString })).url).toBe(url)
  })

  it.each([
    ['http://up', { scheme: 'http', host: 'up', port: 80 }],
    ['https://up', { scheme: 'https', host: 'up', port: 443 }],
    ['https://up:8443', { scheme: 'https', host: 'up', port: 8443 }],
    ['http://[::1]:9000', { scheme: 'http', host: '[::1]', port: 9000 }],
  ])('at %s has the parts %j', async (upstream, parts) => {
    expect((await compileOne({ upstream })).upstreamUrl(requestHead())).toMatchObject(parts)
  })
})

describe('the names of routes', () => {
  it('are compared although another route does not fit', async () => {
    const [a, wrong] = [
      { name: 'a', upstream: 'http://up' },
      { name: 'b', upstream: 1 },
    ]
    expect((await compile(a, a, wrong)).rules.toSorted()).toEqual([
      'gateway/duplicate-route',
      'schema/type',
    ])
  })
})

describe('an upstream', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://169.254.1.1:8080',
    'http://2852039166',
    'http://0xa9.254.0xa9fe',
    'http://169.254.169.254.',
    'http://[fe80::1]',
    'http://[febf::1]:9000',
    'http://[::ffff:169.254.169.254]',
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[fd00:ec2::254]',
    'http://Metadata.Google.Internal',
  ])('that is link-local or a metadata service is refused: %s', async (upstream) => {
    const expected = ['upstream/address']
    expect((await compile({ name: 'a', upstream })).rules).toEqual(expected)
    expect((await compile({ name: 'a', upstream: { url: upstream } })).rules).toEqual(expected)
  })

  it.each(['http://169.253.0.1', 'http://10.0.0.1', 'http://[fec0::1]', 'http://[::1]:9000'])(
    'that is merely near is not: %s',
    async (upstream) => {
      expect((await compile({ name: 'a', upstream })).rules).toEqual([])
    },
  )
})

describe.skipIf(!canMakeCertificates)('TLS to the upstream', () => {
  if (!canMakeCertificates)
    process.stderr.write('skipped: TLS files, as openssl is not on the PATH\n')

  beforeAll(async () => {
    const [own, other] = [await makeCertificate(), await makeCertificate()]
    files = {
      '/etc/cs/ca.pem': other.cert + own.cert,
      '/etc/cs/tls/cert.pem': own.cert,
      '/keys/key.pem': own.key,
      '/keys/other.pem': other.key,
      '/text.pem': 'no PEM',
      '/broken.pem': `${own.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      '/empty.pem': '',
    }
  })

  it('reads files beside its file and does not print the key', async () => {
    const tls = { ca: 'ca.pem', cert: 'tls/cert.pem', key: '/keys/key.pem' }
    const { upstream } = await compileOne({ upstream: { url: 'https://up', tls } })
    const [ca, cert, key] = Object.values(files)
    expect(upstream?.tls).toMatchObject({ ca, cert })
    expect(upstream?.tls?.key?.reveal()).toBe(key)
    expect(JSON.stringify(upstream)).not.toContain('PRIVATE')
  })

  it.each<[object, string[]]>([
    [{ ca: 'no.pem' }, ['certificates in PEM in a file that can be read: no such file or folder']],
    [{ ca: '/text.pem' }, ['certificates in PEM in the file']],
    [{ ca: '/broken.pem' }, ['certificates in PEM in the file']],
    [{ ca: '/empty.pem' }, ['certificates in PEM in the file']],
    [{ ca: '/keys/key.pem' }, ['certificates in PEM in the file']],
    [{ cert: 'tls/cert.pem' }, ['cert and key together']],
    [{ key: '/keys/key.pem' }, ['cert and key together']],
    [{ cert: 'tls/cert.pem', key: '/keys/other.pem' }, ['the private key of the certificate']],
    [
      { ca: '/text.pem', cert: '/keys/key.pem', key: 'tls/cert.pem' },
      [
        'certificates in PEM in the file',
        'a certificate in PEM in the file',
        'a private key in PEM without a passphrase in the file',
      ],
    ],
  ])('is refused with %j', async (tls, expected) => {
    const { routes, faults } = await compile({ name: 'a', upstream: { url: 'https://up', tls } })
    expect(faults).toEqual(expected.map((text) => `upstream/tls-file expected ${text}`))
    expect(routes).toEqual([])
  })
})

describe('a route', () => {
  it('has the defaults of its schema', async () => {
    expect(await compileOne({ upstream: 'https://up:8443/v1' })).toMatchObject({
      name: 'r',
      unmatched: 'reject',
      upstream: {
        origin: 'https://up:8443',
        host: 'up:8443',
        timeouts: { connect: 2000, headers: 30_000, body: 30_000, idle: 4000 },
        addresses: [{ host: 'up', port: 8443 }],
        pool: { connections: 128, streams: 1024, queue: 1024 },
        breaker: { failures: 5, openFor: 5000 },
        http2: false,
        forwarded: 'none',
      },
    })
  })

  it.each([
    ['client', undefined],
    ['upstream', 'up'],
    ['orders.internal:80', 'orders.internal:80'],
  ])('with hostHeader %s sends the host %s', async (hostHeader, host) => {
    const { upstream } = await compileOne({ upstream: { url: 'http://up', hostHeader } })
    expect(upstream?.host).toBe(host)
  })

  it('reads durations with their unit', async () => {
    const written = { connect: '500ms', headers: '5s', body: '2m', idle: '900ms', request: '1h' }
    const { upstream } = await compileOne({ upstream: { url: 'http://up', timeouts: written } })
    const timeouts = { connect: 500, headers: 5000, body: 120_000, idle: 900, request: 3_600_000 }
    expect(upstream?.timeouts).toEqual(timeouts)
  })

  it('may change connections to WebSocket, and limit the age of streams', async () => {
    const plain = await compileOne({ upstream: 'http://up' })
    expect(plain.upgrades).toEqual([])
    expect(plain).not.toHaveProperty('maxStreamAge')
    const streams = { upgrades: ['websocket'], maxStreamAge: '10m' }
    expect(await compileOne({ upstream: 'http://up', ...streams })).toMatchObject({
      upgrades: ['websocket'],
      maxStreamAge: 600_000,
    })
    const { maxStreamAge } = await compileOne({ upstream: 'http://up', maxStreamAge: 'expiry' })
    expect(maxStreamAge).toBe('expiry')
  })

  it('has the addresses, the server name and the breaker that are written', async () => {
    const { upstream } = await compileOne({
      upstream: {
        url: 'https://up',
        addresses: ['10.0.0.1:8443', '[fd00::1]:443'],
        tls: { serverName: 'orders.mesh', minVersion: 'TLSv1.3' },
        breaker: { failures: 3, openFor: '1s' },
        http2: true,
      },
    })
    expect(upstream).toMatchObject({
      origin: 'https://up',
      addresses: [
        { host: '10.0.0.1', port: 8443 },
        { host: 'fd00::1', port: 443 },
      ],
      servername: 'orders.mesh',
      tls: { minVersion: 'TLSv1.3' },
      breaker: { failures: 3, openFor: 1000 },
      http2: true,
    })
  })

  it('has no breaker with breaker: off', async () => {
    const { upstream } = await compileOne({ upstream: { url: 'http://up', breaker: 'off' } })
    expect(upstream).not.toHaveProperty('breaker')
  })

  it.each(['169.254.169.254:80', '[fe80::1]:80', 'metadata.google.internal:80'])(
    'T031 has no address that is link-local or a metadata service: %s',
    async (address) => {
      const upstream = { url: 'http://up', addresses: [address] }
      expect((await compile({ name: 'a', upstream })).rules).toEqual(['upstream/address'])
    },
  )

  it('is reported when it asks for HTTP/2 without TLS', async () => {
    const upstream = { url: 'http://up', http2: true }
    expect((await compile({ name: 'a', upstream })).rules).toEqual(['upstream/http2'])
  })

  it.each([{}, { serverName: 'orders.mesh' }, { minVersion: 'TLSv1.3' }])(
    'is reported when it has settings of TLS and no https: %j',
    async (tls) => {
      const upstream = { url: 'HTTP://up', tls }
      expect((await compile({ name: 'a', upstream })).rules).toEqual(['upstream/tls-over-http'])
    },
  )

  it('speaks TLSv1.2 or later, whatever Node was started with', async () => {
    const { upstream } = await compileOne({ upstream: 'https://up' })
    expect(upstream?.tls).toEqual({ minVersion: 'TLSv1.2' })
    expect((await compileOne({ upstream: 'http://up' })).upstream).not.toHaveProperty('tls')
  })

  it.each<[string, object[]]>([
    [
      'gateway/duplicate-route',
      [
        { name: 'a', upstream: 'http://up' },
        { name: 'a', upstream: 'http://up' },
      ],
    ],
    [
      'gateway/upgrades-http2',
      [
        {
          name: 'a',
          upstream: { url: 'https://up', http2: true },
          upgrades: ['websocket'],
        },
      ],
    ],
  ])('is reported as %s', async (rule, routes) => {
    expect((await compile(...routes)).rules).toEqual([rule])
  })

  it.each([
    { upstream: 'up:9000' },
    { upstream: 'ftp://up' },
    { upstream: 'http://user:pass@up' },
    { upstream: 'http://up?x=1' },
    { upstream: 'http://up#x' },
    { upstream: { url: 'http://up', hostHeader: 'a\r\nb: c' } },
    { upstream: { url: 'http://up', rewrite: '/a/../b' } },
    { upstream: { url: 'http://up', timeouts: { connect: '0s' } } },
    { upstream: { url: 'http://up', timeouts: { connect: 5 } } },
    { upstream: { url: 'http://up', pool: { connections: 0 } } },
    { upstream: { url: 'http://up', addresses: [] } },
    { upstream: { url: 'http://up', addresses: ['10.0.0.1'] } },
    { upstream: { url: 'http://up', addresses: ['10.0.0.1:0'] } },
    { upstream: { url: 'http://up', breaker: { failures: 0 } } },
    { upstream: { url: 'https://up', tls: { serverName: 'a b' } } },
    { upstream: { url: 'https://up', tls: { minVersion: 'TLSv1.1' } } },
    { upstream: { url: 'https://up', tls: { serverName: '127.0.0.1' } } },
    { upstream: { url: 'https://up', tls: { serverName: '::1' } } },
    { upstream: { url: 'https://up', tls: { serverName: 'up.1' } } },
    { upstream: { url: 'http://up', addresses: ['Up:80', '10.0.0.1:80', 'up:80'] } },
    { upstream: { url: 'http://up', breaker: { openFor: '31s' } } },
    { upstream: { url: 'http://up', hostHeader: 'Client' } },
    { upstream: 'http://up', upgrades: ['websocket', 'websocket'] },
    { upstream: 'http://up', maxStreamAge: '577h' },
    { upstream: 'http://up', unmatched: 'allow' },
    { upstream: 'http://up', upgrades: ['h2c'] },
    { upstream: 'http://up', maxStreamAge: 'never' },
  ])('does not fit the schema as %j', async (written) => {
    const { routes, rules } = await compile({ name: 'r', ...written })
    expect(routes).toEqual([])
    expect(rules.length).toBeGreaterThan(0)
    expect(rules.every((rule) => rule.startsWith('schema/'))).toBe(true)
  })
})
