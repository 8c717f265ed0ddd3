import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../../src/config/load.ts'
import type { LoadOptions } from '../../../src/config/read-once.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const secret = hmacSecret()
const environment = { ...systemEnvironment(), variable: () => secret }
const policy = 'name: p\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\n'
const routes = 'routes: [{ name: main, upstream: "http://orders.example:9000" }]\n'

interface Setting {
  readonly gateway?: string
  readonly policy?: string
  readonly options?: LoadOptions
}

async function load({ gateway, policy: text = policy, options = {} }: Setting) {
  const folder = await tempFolder({
    'policies/p.yaml': text,
    ...(gateway !== undefined && { 'countersign.yaml': gateway }),
  })
  const loaded = await loadConfiguration(
    {
      ...(gateway !== undefined
        ? { config: join(folder.path, 'countersign.yaml') }
        : { policies: join(folder.path, 'policies') }),
      ...options,
    },
    environment,
  )
  return { ...loaded, folder: folder.path, rules: loaded.diagnostics.map(({ rule }) => rule) }
}

describe('a configuration', () => {
  it('is the policies beside the gateway file, its routes, listeners and variables', async () => {
    const gateway = `${routes}listen: 127.0.0.1:1\nadmin: off\nvars: { region: eu }\n`
    const { compiled, listeners, policies, folder, rules } = await load({ gateway })
    expect(rules).toEqual([])
    expect(compiled?.policies.map(({ name }) => name)).toEqual(['p'])
    expect(compiled?.routes.map(({ name }) => name)).toEqual(['main'])
    expect(compiled?.vars).toEqual({ region: 'eu' })
    expect(listeners).toMatchObject({ listen: { host: '127.0.0.1', port: 1 }, admin: 'off' })
    expect(policies).toBe(join(folder, 'policies'))
  })

  it.each<[string, LoadOptions, number]>([
    ['', {}, 1024 * 1024],
    ['bodyLimit: 64Ki\n', {}, 65_536],
    ['bodyLimit: 2Mi\n', {}, 2 * 1024 * 1024],
    ['bodyLimit: 2Mi\n', { bodyLimit: 5 }, 5],
  ])('bounds bodies: %j with %j gives %d', async (line, options, expected) => {
    const { compiled } = await load({ gateway: routes + line, options })
    expect(compiled?.bodyLimit).toBe(expected)
  })

  it.each(['1024', '0Ki', '1GB', '1 Mi'])('refuses bodyLimit: %s', async (text) => {
    const { rules } = await load({ gateway: `${routes}bodyLimit: ${text}\n` })
    expect(rules).toEqual([expect.stringMatching(/^schema\/(?:type|value)$/)])
  })

  it.each<[string, object]>([
    ['', { overlap: 600_000, maxAge: 300 }],
    ['jwks: { overlap: 0s, maxAge: 1500ms }\n', { overlap: 0, maxAge: 1 }],
    [
      'jwks: { issuer: "https://us", uri: "http://127.0.0.1:9090/keys" }\n',
      {
        overlap: 600_000,
        maxAge: 300,
        issuer: 'https://us',
        uri: 'http://127.0.0.1:9090/keys',
      },
    ],
  ])('says how keys are published: %j', async (line, expected) => {
    const { compiled } = await load({ gateway: routes + line })
    expect(compiled?.jwks).toEqual(expected)
  })

  it.each([
    'overlap: 10',
    'overlap: 00s',
    'maxAge: 0s',
    'issuer: http://us',
    'issuer: us',
    'issuer: "https://us?x"',
    'issuer: "https://a:b@us"',
    'uri: "ftp://us"',
    'url: "https://us"',
  ])('refuses jwks: { %s }', async (member) => {
    const { compiled, rules } = await load({ gateway: `${routes}jwks: { ${member} }\n` })
    expect(compiled).toBeUndefined()
    expect(rules).toEqual([expect.stringMatching(/^schema\/(?:type|value|unknown-key)$/)])
  })

  it('needs no gateway file', async () => {
    const { compiled, rules } = await load({ options: { upstream: 'http://127.0.0.1:9000/v1' } })
    expect(rules).toEqual([])
    expect(compiled?.routes.map(({ name, upstream }) => [name, upstream?.origin])).toEqual([
      ['default', 'http://127.0.0.1:9000'],
    ])
  })

  it('without file and upstream has no route', async () => {
    const { compiled, rules } = await load({})
    expect([rules, compiled?.routes]).toEqual([[], []])
  })

  it('takes the upstream that was asked for in place of the routes of the file', async () => {
    const { compiled } = await load({ gateway: routes, options: { upstream: 'http://up' } })
    expect(compiled?.routes.map(({ name }) => name)).toEqual(['default'])
  })

  it.each<[string, Setting, string[]]>([
    ['a file without routes', { gateway: 'listen: 127.0.0.1:1\n' }, ['gateway/no-route']],
    ['an empty file', { gateway: '' }, ['gateway/no-route', 'yaml/empty']],
    ['two documents', { gateway: `${routes}---\n${routes}` }, ['gateway/documents']],
    ['a wrong key', { gateway: `${routes}listn: a\n` }, ['schema/unknown-key']],
    ['a port out of range', { gateway: `${routes}listen: 127.0.0.1:70000\n` }, ['schema/value']],
    ['an upstream that is no URL', { options: { upstream: 'ftp://up' } }, ['schema/value']],
    [
      'a route that a policy misses',
      { gateway: routes, policy: `${policy}match: { route: other }\n` },
      ['policy/unknown-route'],
    ],
    [
      'a wrong file, whose routes a policy names',
      { gateway: 'routes: 1\n', policy: `${policy}match: { route: other }\n` },
      ['schema/type'],
    ],
    [
      'a wrong file and a wrong policy',
      { gateway: `${routes}x: 1\n`, policy: `${policy}y: 1\n` },
      ['schema/unknown-key', 'schema/unknown-key'],
    ],
    [
      'an account and a cache but no file that has them',
      {
        policy:
          'name: p\ncache: { name: c }\njwt: { account: erp }\nexposeToClient: { header: x }\n',
      },
      ['cache/unknown', 'account/unknown', 'token/exposed'],
    ],
    [
      'an account but an empty file',
      {
        gateway: '# nothing\n',
        policy: 'name: p\njwt: { account: erp }\n',
        options: { upstream: 'http://up' },
      },
      ['yaml/empty', 'account/unknown'],
    ],
    ['a wrong file and no folder', { gateway: 'policies: ./no\nx: 1\n' }, ['schema/unknown-key']],
  ])('with %s is refused as a whole', async (_what, setting, rules) => {
    const loaded = await load(setting)
    expect(loaded.rules).toEqual(rules)
    expect(loaded.compiled).toBeUndefined()
  })

  it.each([
    ['ftp://x', 'schema/value', 'expected an http(s) URL'],
    ['http://169.254.169.254', 'upstream/address', 'expected an upstream that is not link-local'],
    ['http://svc:CANARY@x', 'schema/value', 'expected a URL without user name and password'],
  ])('tells of the flag --upstream %s as it was given', async (upstream, rule, message) => {
    const { diagnostics } = await load({ options: { upstream } })
    expect(diagnostics).toMatchObject([
      { file: '--upstream', rule, message: expect.stringContaining(message) },
    ])
    expect(JSON.stringify(diagnostics)).not.toMatch(/CANARY|routes|excerpt/)
  })

  it('looks for the policies where a wrong file says', async () => {
    const folder = await tempFolder({
      'countersign.yaml': 'policies: other\nx: 1\n',
      'other/p.yaml': 'name: p\n',
    })
    const config = join(folder.path, 'countersign.yaml')
    const { diagnostics } = await loadConfiguration({ config }, environment)
    expect(diagnostics.map(({ rule }) => rule)).toEqual(['schema/unknown-key', 'schema/required'])
  })

  it.each<[string, LoadOptions]>([
    ['gateway file', { config: '/nowhere/countersign.yaml' }],
    ['policy folder', { policies: '/nowhere', upstream: 'http://up' }],
  ])('rejects for a %s that is not there', async (_what, options) => {
    await expect(loadConfiguration(options, environment)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
