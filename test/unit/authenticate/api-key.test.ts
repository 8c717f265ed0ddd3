import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import type { RequestHead } from '../../../src/types.ts'
import { requestHead } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const KEY = 'k-canary-4f7d1c'
const digest = (key: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex') =>
  createHash('sha256').update(key).digest(encoding)

/** The admission of a route that asks for an API key, loaded as the command line loads it. */
async function load(clients: unknown, config: object = {}) {
  const text = typeof clients === 'string' ? clients : JSON.stringify(clients)
  const machines = { apiKey: { file: 'clients.yaml', ...config } }
  const route = { name: 'r', upstream: 'http://127.0.0.1:9000', authenticate: ['machines'] }
  const folder = await tempFolder({
    'countersign.yaml': JSON.stringify({ routes: [route], authenticators: { machines } }),
    'clients.yaml': text,
    'policies/none.yaml': '',
  })
  const options = { config: join(folder.path, 'countersign.yaml') }
  const { compiled, diagnostics } = await loadConfiguration(options, systemEnvironment())
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const examine = async (head: Partial<RequestHead>) => {
    const upstream = { url: '', scheme: '', host: '', port: 0, path: '', query: '' }
    const context = { attributes: requestHead(head), upstream, vars: {} }
    return await compiled?.routes[0]?.admission.admit(context, {})
  }
  return {
    compiled,
    errors,
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
    shown: errors.map((error) => formatDiagnostic(error)).join('\n'),
    examine,
  }
}

const client = { sha256: digest(KEY), clientId: 'billing' }

describe('an API key', () => {
  it('tells whose it is', async () => {
    const { examine } = await load([
      { ...client, clientName: 'Billing', roles: ['reader'], properties: { tier: 'gold' } },
    ])
    expect(await examine({ headers: { 'x-api-key': KEY } })).toMatchObject({
      authenticator: 'machines',
      authentication: {
        scheme: 'apiKey',
        principal: 'billing',
        clientId: 'billing',
        clientName: 'Billing',
        roles: ['reader'],
        properties: { tier: 'gold' },
      },
    })
  })

  it('has no member without a value, and another principal when one is written', async () => {
    const { examine } = await load([{ ...client, principal: 'svc' }])
    const { authentication } = (await examine({ headers: { 'x-api-key': KEY } })) ?? {}
    expect(authentication).toEqual({ scheme: 'apiKey', principal: 'svc', clientId: 'billing' })
  })

  it.each(['hex', 'base64', 'base64url'] as const)('has its digest in %s', async (encoding) => {
    const { examine, errors } = await load([{ ...client, sha256: digest(KEY, encoding) }])
    expect(errors).toEqual([])
    expect(await examine({ headers: { 'x-api-key': KEY } })).toBeDefined()
  })

  it('has its digest in upper case, too', async () => {
    const { examine } = await load([{ ...client, sha256: digest(KEY).toUpperCase() }])
    expect(await examine({ headers: { 'x-api-key': KEY } })).toBeDefined()
  })

  it.each<[string, object, Partial<RequestHead>]>([
    ['a header', { location: 'header', name: 'X-Key' }, { headers: { 'x-key': KEY } }],
    [
      'a header with a scheme',
      { location: 'header', name: 'authorization', scheme: 'ApiKey' },
      { headers: { authorization: `apikey ${KEY}` } },
    ],
    ['the query', { location: 'query', name: 'key' }, { queryParams: { key: KEY } }],
    ['a cookie', { location: 'cookie', name: 'key' }, { headers: { cookie: `a=b; key=${KEY}` } }],
  ])('stands in %s', async (_what, place, head) => {
    const { examine } = await load([client], { in: place })
    expect(await examine(head)).toHaveProperty('authentication.clientId', 'billing')
  })

  it('may be one of several of a client', async () => {
    const { examine, errors } = await load([client, { ...client, sha256: digest('next') }])
    expect(errors).toEqual([])
    for (const key of [KEY, 'next']) {
      const admitted = await examine({ headers: { 'x-api-key': key } })
      expect(admitted).toHaveProperty('authentication.clientId', 'billing')
    }
  })

  it.each<[string, string | string[], string]>([
    ['another key', 'other', 'unknown'],
    ['the digest itself', digest(KEY), 'unknown'],
    ['another case', KEY.toUpperCase(), 'unknown'],
    ['a key that is disabled', 'off', 'disabled'],
    ['nothing', '', 'malformed'],
    ['a blank inside', `${KEY} x`, 'malformed'],
    ['4 KiB and one', 'k'.repeat(4097), 'malformed'],
    ['what is no ASCII', 'k\xe9', 'malformed'],
    ['two lines', [KEY, KEY], 'ambiguous'],
  ])('is refused: %s', async (_what, sent, reason) => {
    const off = { sha256: digest('off'), clientId: 'off', enabled: false }
    const { examine } = await load([client, off])
    await expect(examine({ headers: { 'x-api-key': sent } })).rejects.toMatchObject({
      code: 'auth/invalid',
      place: { authenticator: 'machines', reason },
      challenges: ['ApiKey realm="machines"'],
    })
  })

  it('is asked for with the scheme of its place', async () => {
    const { examine } = await load([client], { in: { location: 'header', name: 'authorization' } })
    const refusal = { place: { reason: 'missing' }, challenges: ['Bearer realm="machines"'] }
    await expect(examine({})).rejects.toMatchObject(refusal)
  })
})

describe('a file of API keys', () => {
  it('may be empty, and knows nobody then', async () => {
    const { examine, errors, warnings } = await load([])
    expect(errors).toEqual([])
    expect(warnings).toContainEqual(expect.objectContaining({ rule: 'authenticator/nobody' }))
    const refusal = { place: { reason: 'unknown' } }
    await expect(examine({ headers: { 'x-api-key': KEY } })).rejects.toMatchObject(refusal)
  })

  it('is refused with one key twice, however it is written, and tells both places', async () => {
    const { errors } = await load(
      `- { clientId: a, sha256: ${digest(KEY)} }\n- { clientId: b, sha256: ${digest(KEY, 'base64')} }\n`,
    )
    expect(errors).toMatchObject([{ rule: 'authenticator/duplicate-key', line: 2, column: 26 }])
    expect(errors[0]?.message).toMatch(/clients\.yaml:1:26 has the same$/)
  })

  it.each([
    ['the key in place of its digest', `- { clientId: a, sha256: ${KEY} }\n`],
    ['the key as a member', `- clientId: a\n  key: ${KEY}\n`],
    ['the key as a member of another spelling', `- clientId: a\n  apiKey: ${KEY}\n`],
    ['a digest of another length', `- { clientId: a, sha256: ${digest(KEY).slice(2)} }\n`],
    ['a digest that is a list', `- { clientId: a, sha256: [${KEY}] }\n`],
  ])('is refused with %s, and never quotes it', async (_what, text) => {
    const { compiled, errors, shown } = await load(text)
    expect(compiled).toBeUndefined()
    expect(errors.length).toBeGreaterThan(0)
    expect(shown).not.toContain(KEY)
    expect(shown).not.toContain(digest(KEY).slice(2))
  })

  it.each(['sha256', 'key'])('says how a digest is made where the key is the %s', async (name) => {
    const { shown } = await load(`- { clientId: a, ${name}: ${KEY} }\n`)
    expect(shown).toContain('printf %s KEY | sha256sum')
  })

  it.each(['hex', 'base64'] as const)(
    'is refused with the digest of nothing in %s, as a shell makes it of a variable that is not set',
    async (encoding) => {
      const { errors } = await load([{ ...client, sha256: digest('', encoding) }])
      expect(errors).toMatchObject([{ rule: 'authenticator/digest' }])
      expect(errors[0]?.hint).toContain('not set')
    },
  )

  it('is reported once when two authenticators read it', async () => {
    const folder = await tempFolder({
      'countersign.yaml':
        'routes: [{ name: r, upstream: "http://127.0.0.1:9000" }]\n' +
        'authenticators:\n' +
        '  a: { apiKey: { file: clients.yaml }, enabled: false }\n' +
        '  b: { apiKey: { file: clients.yaml } }\n' +
        '  c: { apiKey: { file: clients.yaml } }\n',
      'clients.yaml': '- { clientId: a, sha256: abc }\n',
      'policies/none.yaml': '',
    })
    const options = { config: join(folder.path, 'countersign.yaml') }
    const { diagnostics } = await loadConfiguration(options, systemEnvironment())
    const found = diagnostics.filter(({ file }) => file.endsWith('clients.yaml'))
    expect(found).toMatchObject([{ severity: 'error', rule: 'authenticator/digest' }])
  })

  it.each([
    ['no client id', [{ sha256: digest(KEY) }]],
    ['an empty client id', [{ sha256: digest(KEY), clientId: '' }]],
    ['no digest', [{ clientId: 'a' }]],
    ['an unknown member', [{ ...client, role: 'x' }]],
    ['a map', { a: client }],
    ['nothing', ''],
  ])('is refused with %s', async (_what, clients) => {
    const { compiled, errors } = await load(clients)
    expect(compiled).toBeUndefined()
    expect(errors).not.toEqual([])
  })
})
