import type { RequestListener } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Resolve } from '../../../../src/checked-lookup.ts'
import {
  type FetchSurroundings,
  fetchKeySet,
} from '../../../../src/keys/verifying/fetch-key-set.ts'
import { canMakeCertificates, makeCertificate } from '../../../support/certificate.ts'
import { ecKeys } from '../../../support/keys.ts'
import { startIssuer } from './issuer.ts'

const KEYS = [{ ...ecKeys().publicJwk, kid: 'a' }]

interface Options extends FetchSurroundings {
  readonly url: string
  readonly allowPrivateAddresses?: boolean
  readonly ca?: string
}

function fetched({ url, ca, allowPrivateAddresses = false, ...surroundings }: Options) {
  const options = { url, allowPrivateAddresses, ...(ca !== undefined && { ca }) }
  return fetchKeySet(options, { timeout: 3000, ...surroundings })
}

/** A name that has these addresses, one list after the other, and then the last for ever. */
function resolvesTo(...lists: readonly (readonly string[])[]): Resolve {
  let calls = 0
  return (_hostname, _options, callback) => {
    const found = lists[Math.min(calls, lists.length - 1)] ?? []
    calls += 1
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

describe('the fetch of a JWK set', () => {
  it('gives the members of the set', async () => {
    const { url } = await startIssuer({ keys: KEYS })
    expect(await fetched({ url })).toEqual(KEYS)
  })

  it('asks with GET, and sends nothing of its own', async () => {
    let seen = ''
    const { url } = await startIssuer(((request, response) => {
      seen = `${request.method} ${request.url} ${Object.keys(request.headers).sort()}`
      response.end(JSON.stringify({ keys: KEYS }))
    }) satisfies RequestListener)
    await fetched({ url: `${url}?tenant=a` })
    expect(seen).toBe('GET /jwks?tenant=a accept,connection,host')
  })

  it.each<[string, string, RequestListener]>([
    ['the status 500', 'http-500', (_, response) => response.writeHead(500).end('{"keys":[]}')],
    ['the status 201', 'http-201', (_, response) => response.writeHead(201).end('{"keys":[]}')],
    ['invalid JSON', 'parse', (_, response) => response.end('{"keys":[')],
    ['bytes that are not UTF-8', 'parse', (_, response) => response.end(Buffer.of(0x22, 0xff))],
    ['a list', 'parse', (_, response) => response.end('[]')],
    ['null', 'parse', (_, response) => response.end('null')],
    ['keys that are no list', 'parse', (_, response) => response.end('{"keys":{"length":1}}')],
    ['nothing', 'parse', (_, response) => response.end()],
    [
      '10 MB that say so',
      'too-large',
      (_, response) =>
        response.writeHead(200, { 'content-length': 10_000_000 }).end(Buffer.alloc(10_000_000, 32)),
    ],
    ['10 MB in chunks', 'too-large', (_, response) => response.end(Buffer.alloc(10_000_000, 32))],
    ['201 keys', 'too-large', (_, response) => response.end(JSON.stringify({ keys: many(201) }))],
    [
      '100,000 keys',
      'too-large',
      (_, response) => response.end(JSON.stringify({ keys: many(100_000) })),
    ],
    ['nested lists', 'parse', (_, response) => response.end('['.repeat(500_000))],
    ['a connection that ends', 'UND_ERR_SOCKET', (request) => request.socket.destroy()],
  ])('T102 refuses %s with %s', async (_, code, listener) => {
    const { url } = await startIssuer(listener)
    await expect(fetched({ url })).rejects.toMatchObject({ name: 'KeySetFault', code })
  })

  it.each([301, 302, 303, 307, 308])('T102 does not follow a redirect with %i', async (status) => {
    const target = await startIssuer({ keys: KEYS })
    for (const location of ['http://169.254.169.254/latest/meta-data/', target.url]) {
      const { url } = await startIssuer(((_, response) =>
        response.writeHead(status, { location }).end()) satisfies RequestListener)
      await expect(fetched({ url })).rejects.toMatchObject({ code: `http-${status}` })
    }
    expect(target.asked()).toBe(0)
  })

  it.each<[string, RequestListener]>([
    ['a head that does not come', () => undefined],
    ['a body that does not end', (_, response) => void response.write('{"keys":[')],
    ['a slow drip', drip],
  ])('T102 gives up on %s, and closes the connection', async (_, listener) => {
    const closed = Promise.withResolvers<void>()
    const { url } = await startIssuer(((request, response) => {
      request.socket.on('close', () => closed.resolve())
      listener(request, response)
    }) satisfies RequestListener)
    await expect(fetched({ url, timeout: 300 })).rejects.toMatchObject({ code: 'timeout' })
    await closed.promise
  })

  it('T102 names the code of a host that has no address, and of a port that is closed', async () => {
    const unknown: Resolve = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
    const url = 'http://keys.example/jwks'
    await expect(fetched({ url, resolve: unknown })).rejects.toMatchObject({ code: 'ENOTFOUND' })
    const issuer = await startIssuer({})
    issuer.close()
    await expect(fetched({ url: issuer.url })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  describe.skipIf(!canMakeCertificates)('over TLS (needs openssl on the PATH)', () => {
    it('trusts the authorities that are written', async () => {
      const certificate = await makeCertificate('IP:127.0.0.1')
      const { url } = await startIssuer({ keys: KEYS }, certificate)
      expect(await fetched({ url, ca: certificate.cert })).toEqual(KEYS)
    })

    it.each([
      ['of another name', 'DNS:other.example', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      ['of an unknown authority', 'IP:127.0.0.1', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ])('T102 refuses a certificate %s', async (_, names, isTrusted, code) => {
      const certificate = await makeCertificate(names)
      const { url, asked } = await startIssuer({ keys: KEYS }, certificate)
      const refused = fetched({ url, ...(isTrusted && { ca: certificate.cert }) })
      await expect(refused).rejects.toMatchObject({ code })
      expect(asked()).toBe(0)
    })
  })

  it.each([
    ['loopback', false, ['127.0.0.1']],
    ['loopback beside a public one', false, ['203.0.113.1', '127.0.0.1']],
    ['a private network', false, ['10.0.0.1']],
    ['a private network of version 6', false, ['fd00::1']],
    ['a metadata service', false, ['169.254.169.254']],
    ['a metadata service, mapped', false, ['::ffff:169.254.169.254']],
    ['a metadata service where private ones are allowed', true, ['169.254.169.254']],
    ['link-local where private ones are allowed', true, ['127.0.0.1', 'fe80::1%lo']],
  ])('T032 refuses a name with an address of %s', async (_, allowPrivateAddresses, addresses) => {
    const { port, asked } = await startIssuer({ keys: KEYS })
    const resolve = resolvesTo(addresses)
    const url = `http://keys.example:${port}/jwks`
    const refused = fetched({ url, resolve, allowPrivateAddresses })
    await expect(refused).rejects.toMatchObject({ code: 'address' })
    expect(asked()).toBe(0)
  })

  it('T032 connects to the address that it has checked, not to one that the name has later', async () => {
    const { port, asked } = await startIssuer({ keys: KEYS })
    // TEST-NET-3 (RFC 5737), where nobody answers
    const resolve = resolvesTo(['203.0.113.1'], ['127.0.0.1'])
    const url = `http://rebinding.example:${port}/jwks`
    await expect(fetched({ url, resolve, timeout: 300 })).rejects.toThrow()
    await expect(fetched({ url, resolve })).rejects.toMatchObject({ code: 'address' })
    expect(asked()).toBe(0)
    expect(await fetched({ url, resolve, allowPrivateAddresses: true })).toEqual(KEYS)
  })

  it('takes localhost for this machine, and for nothing else', async () => {
    const { port } = await startIssuer({ keys: KEYS })
    const url = `http://localhost:${port}/jwks`
    expect(await fetched({ url, resolve: resolvesTo(['127.0.0.1']) })).toEqual(KEYS)
    const elsewhere = fetched({ url, resolve: resolvesTo(['10.0.0.1']) })
    await expect(elsewhere).rejects.toMatchObject({ code: 'address' })
  })
})

function many(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => ({ kty: 'oct', kid: String(index) }))
}

const drip: RequestListener = async (_, response) => {
  while (!response.destroyed) {
    response.write(' ')
    await setTimeout(20)
  }
}
