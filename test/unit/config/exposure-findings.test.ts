import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LoadOptions, loadConfiguration } from '../../../src/config/index.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const POLICY = 'name: p\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\n'

/** What is said of a gateway file, as severity, rule and place. */
async function findings(gateway: object, options: Partial<LoadOptions> = {}) {
  const folder = await tempFolder({
    'countersign.yaml': JSON.stringify(gateway),
    'policies/p.yaml': POLICY,
  })
  const config = join(folder.path, 'countersign.yaml')
  const environment = { ...systemEnvironment(), variable: () => hmacSecret() }
  const { diagnostics } = await loadConfiguration({ config, ...options }, environment)
  return diagnostics.map(
    ({ severity, rule, file }) => `${severity} ${rule}${file.startsWith('--') ? ` ${file}` : ''}`,
  )
}

const route = (upstream: unknown, more: object = {}) => ({
  routes: [{ name: 'r', upstream, ...more }],
})
const PUBLIC = 'https://orders.example'

describe('an upstream of a gateway file', () => {
  it.each([
    ['http://127.0.0.1:9000'],
    ['http://[::1]:9000'],
    ['http://localhost:9000'],
    ['http://10.1.2.3'],
    ['http://192.168.0.1'],
    ['http://[fd00::1]'],
    [{ url: PUBLIC, addresses: ['1.1.1.1:443', '10.0.0.1:443'] }],
  ])('T031 that is %j is told of', async (upstream) => {
    expect(await findings(route(upstream))).toEqual(['notice upstream/private-address'])
  })

  it.each([[PUBLIC], ['http://1.1.1.1'], [{ url: 'http://10.0.0.1', addresses: ['1.1.1.1:80'] }]])(
    'that is %j is not worth a word',
    async (upstream) => {
      expect(await findings(route(upstream))).toEqual([])
    },
  )

  it('that a flag stands in for is not worth a word', async () => {
    const options = { upstream: 'http://127.0.0.1:9000' }
    expect(await findings(route('http://127.0.0.1:9000'), options)).toEqual([])
  })
})

describe('the proxies that are trusted', () => {
  it.each([
    [['0.0.0.0/0'], ['warning gateway/trusts-everyone']],
    [['10.0.0.0/8', '::/0'], ['warning gateway/trusts-everyone']],
    [['10.0.0.0/8', 'fd00::/8'], []],
  ])('that are %j: %j', async (trustedProxies, expected) => {
    expect(await findings({ trustedProxies, ...route(PUBLIC) })).toEqual(expected)
  })
})

describe('a proxy listener', () => {
  const address = (host: string) => ({ host, port: 8080 })
  it.each([
    ['0.0.0.0:8080', ['warning listen/open']],
    ['[::]:8080', ['warning listen/open']],
    ['10.0.0.1:8080', ['warning listen/open']],
    ['proxy.example:8080', ['warning listen/open']],
    ['127.0.0.1:8080', []],
    ['[::1]:8080', []],
    ['localhost:8080', []],
  ])('T136 on %s with a route that asks nobody: %j', async (listen, expected) => {
    expect(await findings({ listen, ...route(PUBLIC) })).toEqual(expected)
  })

  it('T136 that a flag moves is judged by the flag', async () => {
    const listen = '0.0.0.0:8080'
    const closed = { listen: address('127.0.0.1') }
    expect(await findings({ listen, ...route(PUBLIC) }, closed)).toEqual([])
    const open = { listen: address('0.0.0.0') }
    expect(await findings(route(PUBLIC), open)).toEqual(['warning listen/open --listen'])
  })

  it('T136 is not open when each route asks who calls', async () => {
    const clients = { clients: [{ id: 'a', key: { sha256: 'a'.repeat(64) } }] }
    const asking = route(PUBLIC, { authenticate: ['machines'] })
    const authenticators = { machines: { apiKey: clients } }
    const found = await findings({ listen: '0.0.0.0:8080', authenticators, ...asking })
    expect(found.filter((text) => text.includes('listen/open'))).toEqual([])
  })
})

describe('a trusted header that proxies use', () => {
  const front = (name: string, from: readonly string[]) => ({
    ...route(PUBLIC),
    authenticators: { front: { trustedHeader: { name, from } } },
  })
  it.each([
    [undefined, 1],
    [['10.0.0.0/8'], 0],
    [['10.1.0.0/16'], 1],
    [['fd00::/8', '10.1.0.0/16', '10.0.0.0/8'], 0],
  ])(
    'T010 is warned of unless its senders are among trustedProxies: %j',
    async (trustedProxies, count) => {
      const gateway = { ...front('X-Forwarded-User', ['10.0.0.0/12']), trustedProxies }
      expect(await findings(gateway)).toHaveLength(count)
    },
  )

  it('may have any other name', async () => {
    expect(await findings(front('X-User', ['10.0.0.0/8']))).toEqual([])
  })
})
