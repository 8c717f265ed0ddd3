import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCacheChoice } from '../../../src/config/caches.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const secret = hmacSecret()
const environment = { ...systemEnvironment(), variable: () => secret }
const UNKNOWN = 'cache/unknown'
const ROUTES = 'routes: [{ name: r, upstream: "http://up.example:9000" }]\n'
const policy = (name: string, cache: string, more = '') =>
  `name: ${name}\ncache: ${cache}\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\ninject: { overwrite: always }\n${more}`

async function load(caches: string, ...policies: readonly string[]) {
  const folder = await tempFolder({
    'countersign.yaml': `${ROUTES}${caches}\n`,
    'policies/p.yaml': policies.join('---\n'),
  })
  const options = { config: join(folder.path, 'countersign.yaml') }
  const { diagnostics } = await loadConfiguration(options, environment)
  return diagnostics.map(({ line, column, severity, rule, message, hint }) => {
    return { at: `${line}:${column}`, severity, rule, message, hint }
  })
}

describe('the cache of a policy', () => {
  it('is what it writes over what the cache that it names has', () => {
    const choose = createCacheChoice(new Map([['orders', { ttl: 240, maxEntries: 5 }]]))
    const { scope, faults } = recordingScope()
    expect(choose(undefined, scope)).toBeUndefined()
    expect(choose({ ttl: 10 }, scope)).toEqual({ ttl: 10 })
    expect(choose({ name: 'orders', ttl: 60, refreshAhead: 5 }, scope)).toEqual({
      ttl: 60,
      maxEntries: 5,
      refreshAhead: 5,
    })
    expect(faults).toEqual([])
  })

  it.each([
    ['oders', 'did you mean orders? caches: orders'],
    ['constructor', 'caches: orders'],
  ])('%s that nobody declared is an error at its name', async (name, hint) => {
    expect(await load('caches: { orders: {} }', policy('a', `{ name: ${name} }`))).toMatchObject([
      { at: '2:16', severity: 'error', rule: 'cache/unknown', hint },
    ])
  })

  it('serves one policy: a second is told where the first one is', async () => {
    const found = await load(
      'caches: { orders: { ttl: 240 } }',
      policy('a', '{ name: orders }'),
      policy('b', '{ name: orders, ttl: 5 }'),
    )
    expect(found).toMatchObject([{ at: '7:16', severity: 'error', rule: 'cache/shared' }])
    expect(found[0]?.message).toMatch(/p\.yaml:2:16$/)
  })

  it.each([
    ['basic', 'basic: { username: ann, password: { env: KEY } }'],
    ['apiKey', 'apiKey: { env: KEY }'],
    ['apiKey, also where something else is wrong', 'apiKey: { env: KEY }\norder: first'],
  ])('is an error beside a credential that is written, not made: %s', async (_what, source) => {
    const found = await load('', `name: a\ncache: { ttl: 9 }\n${source}\n`)
    expect(found).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'cache/no-token' }),
    )
  })

  it('is free when the other policy that names it is disabled', async () => {
    const found = await load(
      'caches: { orders: { ttl: 240 } }',
      policy('a', '{ name: orders }', 'enabled: false\n'),
      policy('b', '{ name: orders }'),
    )
    expect(found).toEqual([])
  })

  it.each([
    ['does not parse', 'caches: {', ['yaml/syntax']],
    ['has it with a fault', 'caches: { orders: { ttl: 0 } }', ['schema/value']],
    ['has it beside a fault', 'listen: nowhere\ncaches: { orders: {} }', ['schema/value']],
    ['has others beside a fault', 'listen: nowhere\ncaches: { x: {} }', ['schema/value', UNKNOWN]],
  ])('is looked for also where the gateway file %s', async (_what, caches, rules) => {
    const found = await load(caches, policy('a', '{ name: orders }'))
    expect(found.map(({ rule }) => rule)).toEqual(rules)
  })

  it.each([
    ['caches: { Orders: {} }', 'schema/value'],
    ['caches: { orders: { ttl: 0 } }', 'schema/value'],
    ['caches: { orders: { name: x } }', 'schema/unknown-key'],
  ])('%s is reported as %s', async (caches, rule) => {
    const found = await load(caches, 'name: p\ninject: { value: v }\n')
    expect(found).toMatchObject([{ severity: 'error', rule }])
  })
})
