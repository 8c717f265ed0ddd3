import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { startTransit } from '../../support/transit-stand-in.ts'

const variables: Readonly<Record<string, string>> = {
  SECRET: hmacSecret(),
  SHORT: 'much-too-short',
  RSA: rsaKeys().pkcs8,
  EC: ecKeys('P-256').pkcs8,
  OTHER: ecKeys('P-256', 'other').pkcs8,
  TOKEN: 's.first',
}
const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }

async function load(files: Readonly<Record<string, string>>, routes?: readonly string[]) {
  const folder = await tempFolder(files)
  const { policies, diagnostics } = await loadPolicies(folder.path, environment, {
    routes: routes?.map((name) => ({ name, criteria: {} })),
  })
  const found = diagnostics.map(({ file, line, column, rule }) => {
    return `${basename(file)}:${line}:${column} ${rule}`
  })
  return { names: policies.map(({ name }) => name), found, diagnostics }
}

const policy = (name: string, more = '') => `name: ${name}
${more}
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300 }
inject: { name: x-${name} }
`

describe('a folder of policies', () => {
  it('is sorted by order, then by name, without the disabled ones', async () => {
    const { names, found } = await load({
      'a.yaml': policy('late', 'order: 90'),
      'b.yaml': `${policy('b')}---\n${policy('a')}`,
      'nested/c.yml': policy('early', 'order: -1'),
      'd.yaml': policy('unused', 'enabled: false'),
    })
    expect([names, found]).toEqual([['early', 'a', 'b', 'late'], []])
  })

  it('that holds no policy file is worth a warning', async () => {
    const { diagnostics } = await load({ 'readme.md': '' })
    expect(diagnostics).toMatchObject([{ severity: 'warning', rule: 'policy/none' }])
  })

  it('that is not there rejects', async () => {
    await expect(loadPolicies('/nowhere', environment)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('several faults', () => {
  it('of one file are all reported at once: keys, expressions, key material and placement', async () => {
    const { found } = await load({
      'p.yaml': `name: p
matchh: { path: /x }
when: "#[authentication.principal = ]"
jwt:
  signingMethod: RS256
  privateKey: { env: SECRET }
  exp: 300
  expp: 3
  sub: "#[attributes.headers..]"
  customClaims:
    - name: tenant
      value: "#[(]"
      type: strng
inject: { name: host }
`,
    })
    expect(found.toSorted()).toEqual([
      'p.yaml:12:17 expr/syntax',
      'p.yaml:13:13 schema/enum',
      'p.yaml:14:17 inject/forbidden-header',
      'p.yaml:2:1 schema/unknown-key',
      'p.yaml:3:36 expr/syntax',
      'p.yaml:6:22 key/parse',
      'p.yaml:8:3 schema/unknown-key',
      'p.yaml:9:29 expr/syntax',
    ])
  })

  it('of values, cache and exposure are found although the file does not fit', async () => {
    const { found } = await load({
      'p.yaml': `name: p
nam: q
inject: [{ name: x, nme: y, value: "#[(]" }, { location: body, name: b, value: "#[)]" }]
exposeToClient: { header: set-cookie }
cache: { name: orders }
jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300 }
---
${policy('q', 'cache: { name: orders }')}`,
    })
    expect(found.toSorted()).toEqual([
      'p.yaml:2:1 schema/unknown-key',
      'p.yaml:3:21 schema/unknown-key',
      'p.yaml:3:39 expr/syntax',
      'p.yaml:3:83 expr/syntax',
      'p.yaml:4:27 inject/forbidden-header',
      'p.yaml:9:16 cache/shared',
    ])
  })

  it('of a block that fits are found although the file does not', async () => {
    const { found } = await load({
      'p.yaml': `name: p
foo: 1
jwt:
  signingMethod: HS256
  privateKey: { env: SHORT }
  exp: 300
  customClaims: [{ name: iat, value: 1 }]
`,
    })
    expect(found.toSorted()).toEqual([
      'p.yaml:2:1 schema/unknown-key',
      'p.yaml:5:22 key/weak',
      'p.yaml:7:26 claim/duplicate',
    ])
  })

  it('of meaning are found beside those of shape in the same block', async () => {
    const { found } = await load({
      'p.yaml': `name: p
when: "#[1]"
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  expp: 300
  kid: one
  customClaims:
    - { name: iat, value: 1 }
    - { name: a, value: 1, type: strng }
    - { name: a, value: 2 }
  customHeaders:
    - { name: kid, value: two }
    - { name: alg, value: none }
inject:
  - { location: query, name: token }
  - { location: query, name: token }
  - { location: nowhere, name: x }
`,
    })
    expect(found.filter((fault) => !/query-token/.test(fault)).toSorted()).toEqual([
      'p.yaml:10:34 schema/enum',
      'p.yaml:11:15 claim/duplicate',
      'p.yaml:13:7 key/kid',
      'p.yaml:14:15 claim/duplicate',
      'p.yaml:17:5 inject/twice',
      'p.yaml:18:17 schema/enum',
      'p.yaml:2:7 policy/when',
      'p.yaml:6:3 schema/unknown-key',
      'p.yaml:9:15 claim/duplicate',
    ])
  })

  it.each<[string, string, string[]]>([
    [
      'no credential source',
      'name: p\nfoo: 1\n',
      ['p.yaml:1:1 schema/required', 'p.yaml:2:1 schema/unknown-key'],
    ],
    ['a misspelt one', 'name: p\njwtt: {}\n', ['p.yaml:2:1 schema/unknown-key']],
    [
      'no exp',
      'name: p\njwt: { signingMethod: HS256, privateKey: { env: SECRET } }\n',
      ['p.yaml:2:1 schema/required'],
    ],
    ['a text that is no expression', `${policy('p', 'when: text')}`, ['p.yaml:2:7 schema/value']],
    ['a list', '- a\n', ['p.yaml:1:1 schema/type']],
    ['a key that does not fit', policy('p').replace('SECRET', 'RSA'), ['p.yaml:3:49 key/mismatch']],
    [
      'a variable that is not set',
      policy('p').replace('SECRET', 'NONE'),
      ['p.yaml:3:49 key/missing'],
    ],
  ])('of a file with %s', async (_what, text, expected) => {
    const { found } = await load({ 'p.yaml': text })
    expect(found.toSorted()).toEqual(expected)
  })

  it('leave the policies of other files as they are', async () => {
    const { names } = await load({ 'a.yaml': policy('a'), 'b.yaml': 'name: b\n' })
    expect(names).toEqual(['a'])
  })
})

describe('a name', () => {
  it('that two policies have is reported at the second, also when one of them is wrong', async () => {
    const { found, diagnostics } = await load({
      'a.yaml': `${policy('a', 'foo: 1')}---\n${policy('a')}`,
      'b.yaml': policy('a', 'enabled: false'),
    })
    expect(found).toEqual([
      'a.yaml:2:1 schema/unknown-key',
      'a.yaml:6:7 policy/duplicate-name',
      'b.yaml:1:7 policy/duplicate-name',
    ])
    expect(diagnostics[1]?.message).toMatch(
      /^expected a name of its own, "a" names the policy at .*a\.yaml:1:7$/,
    )
  })

  it('under which two enabled policies save their token is reported', async () => {
    const { found } = await load({
      'a.yaml': policy('a', 'saveAs: t'),
      'b.yaml': policy('b', 'saveAs: t'),
      'c.yaml': `${policy('c', 'saveAs: t')}enabled: false\n`,
    })
    expect(found).toEqual(['b.yaml:2:9 policy/duplicate-save-as'])
  })

  it('of a route must be one of the routes, when they are known', async () => {
    const files = { 'a.yaml': policy('a', 'match: { route: orders }') }
    expect((await load(files)).found).toEqual([])
    expect((await load(files, ['orders'])).found).toEqual([])
    expect((await load(files, ['order'])).found).toEqual(['a.yaml:2:17 policy/unknown-route'])
  })
})

describe('a key id', () => {
  const signed = (name: string, key: string) =>
    `name: ${name}\ninject: { name: x-${name} }\njwt:\n  signingMethod: ES256\n  exp: 300\n  ${key}\n`
  const ring = (kid: string) =>
    `keys: [{ use: sign, kid: own, privateKey: { env: EC } }, { use: next, kid: ${kid}, privateKey: { env: OTHER } }]`

  it.each([
    ['where it is written', 'privateKey: { env: OTHER }\n  kid: k', 'b.yaml:7:8 key/kid'],
    ['in an entry of keys', ring('k'), 'b.yaml:6:78 key/kid'],
  ])('that another key of another policy has is reported %s', async (_, second, place) => {
    const first = signed('a', 'privateKey: { env: EC }\n  kid: k')
    const { found, diagnostics } = await load({ 'a.yaml': first, 'b.yaml': signed('b', second) })
    expect(found).toEqual([place])
    expect(diagnostics[0]).toMatchObject({
      severity: 'error',
      message: expect.stringMatching(/, another key has it at .*a\.yaml:7:8$/),
    })
  })

  it.each([
    ['of one key in several policies', 'privateKey: { env: EC }\n  kid: k'],
    ['of a disabled policy', 'privateKey: { env: OTHER }\n  kid: k\nenabled: false'],
    ['of a secret', 'privateKey: { env: SECRET }\n  kid: k'],
  ])('%s is no other', async (_, second) => {
    const first = signed('a', 'privateKey: { env: EC }\n  kid: k')
    const method = second.includes('SECRET') ? 'HS256' : 'ES256'
    const files = { 'a.yaml': first, 'b.yaml': signed('b', second).replace('ES256', method) }
    expect((await load(files)).found).toEqual([])
  })
})

describe('a disabled policy', () => {
  it('asks no signer elsewhere', async () => {
    const transit = await startTransit()
    transit.addKey('orders', 'ecdsa-p256')
    const key = `vaultTransit: { address: "${transit.address}", key: orders, token: { env: TOKEN } }`
    const text = `name: b\njwt: { signingMethod: ES256, exp: 300, privateKey: { ${key} } }\n`
    expect((await load({ 'b.yaml': `${text}enabled: false\n` })).found).toEqual([])
    expect(transit.requests).toEqual([])
    expect((await load({ 'b.yaml': text })).names).toEqual(['b'])
    expect(transit.requests).not.toEqual([])
  })

  it('is told about in warnings, so that it keeps no other from serving', async () => {
    const { names, diagnostics } = await load({
      'a.yaml': policy('a'),
      'b.yaml': `name: b
enabled: false
jwt: { signingMethod: HS256, privateKey: { env: SHORT }, exp: 300, sub: "#[nobody.x]" }
`,
    })
    expect(names).toEqual(['a'])
    expect(diagnostics.map(({ severity, rule }) => [severity, rule]).sort()).toEqual([
      ['warning', 'expr/unknown-root'],
      ['warning', 'key/weak'],
    ])
  })

  it('must still be a policy file in shape', async () => {
    const { diagnostics } = await load({ 'b.yaml': 'name: b\nenabled: false\njwtt: {}\n' })
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'schema/unknown-key' }),
    )
  })
})
