import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { parseDocuments } from '../../../src/config/yaml/index.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { importOutboundJwt } from '../../../src/import/index.ts'
import { Secret } from '../../../src/secret.ts'
import { hmacSecret, rsaKeys } from '../../support/keys.ts'
import { startProxy } from '../../support/proxy.ts'
import { rawRequest } from '../../support/raw-client.ts'
import { recordingUpstream } from '../../support/recording-upstream.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const KEY = hmacSecret()
const ACCOUNT = {
  Label: 'CRM',
  'JWT Issuer': 'api-gateway',
  'Token TTL (seconds)': 300,
  'Signing Algorithm': 'HS256',
  'Signing Key': { env: 'KEY' },
}

type Rule = Readonly<Record<string, unknown>>

function importRules(rules: readonly Rule[], upstream?: string) {
  const text = rules.map((rule) => stringify(rule)).join('---\n')
  const { documents, diagnostics } = parseDocuments('rules.yaml', text)
  expect(diagnostics).toEqual([])
  const { items, files } = importOutboundJwt(documents, {
    ...{ out: 'out', keysTo: 'out/keys', now: NOW, upstream },
  })
  return { items, files: new Map(files.map(({ path, text }) => [path, text])) }
}

const importRule = (rule: Rule) => importRules([{ Label: 'rule', 'JWT Account': ACCOUNT, ...rule }])

/** The policy that one rule becomes, and what is said about its settings but for those of the account. */
function policyOf(rule: Rule) {
  const { items, files } = importRule(rule)
  const told = items.filter(({ item, state }) => !item.startsWith('JWT') && state !== 'translated')
  const policy = parse(String(files.get('out/policies/rule.yaml')))
  return { policy, told: told.map(({ item, state }) => `${item}: ${state}`) }
}

describe('an outbound JWT rule', () => {
  it('has the defaults of the system that it comes from', () => {
    expect(policyOf({})).toEqual({
      policy: {
        name: 'rule',
        jwt: { account: 'crm', iat: true, nbf: { offset: -2 }, jti: true },
        inject: { location: 'header', name: 'authorization', scheme: 'Bearer' },
      },
      told: [],
    })
  })

  const iat = 'Issued At Epoch'
  const nbf = 'Not Before Epoch'
  const exp = 'Expiration Epoch'
  it.each([
    [{ [iat]: 0, [nbf]: '', [exp]: '0' }, { iat: true, nbf: { offset: -2 } }, []],
    [
      { [iat]: 1767225000000 },
      { iat: '#[1767225000]', nbf: '#[$nowSeconds() - 2]', exp: { after: 300, from: 'now' } },
      [`${iat}: notice`, `${nbf}: notice`],
    ],
    [{ [nbf]: '1767224998000' }, { iat: true, nbf: '#[1767224998]' }, [`${nbf}: notice`]],
    [
      { [exp]: 1767229200999 },
      { iat: true, nbf: { offset: -2 }, exp: '#[1767229200]' },
      [`${exp}: notice`],
    ],
  ])('turns the milliseconds of %o into seconds', (rule, times, said) => {
    const { policy, told } = policyOf(rule)
    expect(policy.jwt).toEqual({ account: 'crm', jti: true, ...times })
    expect(told.toSorted()).toEqual(said)
  })

  it('tells of a time that is no whole second', () => {
    const { items } = importRule({ [exp]: 1767229200001 })
    expect(items.find(({ item }) => item === exp)?.note).toMatch(/no whole second/)
    const { items: whole } = importRule({ [exp]: 1767229200000 })
    expect(whole.find(({ item }) => item === exp)?.note).not.toMatch(/no whole second/)
  })

  it.each([
    [exp, 1767225600000],
    [exp, 1767229200],
    [iat, -1],
    [iat, 1.5],
    [nbf, 'tomorrow'],
    [nbf, { expression: 'Date.now()' }],
    ['When this rule should be applied', 'request.user.groups.contains("a")'],
    ['Subject', { expression: 'request.user.username' }],
    ['Audience', []],
    ['JWT ID', 7],
    ['Custom Metadata', { sub: 'twice' }],
    ['Custom Metadata', 'text'],
    ['Token Location', 'Cookie'],
    ['Token Location', 'Body'],
    ['Authorization Scheme', 'Custom'],
    ['JWT Account', ''],
    ['Something else', true],
  ])('needs a person for %s: %o, and is switched off until then', (name, value) => {
    const { items, files } = importRule({ [name]: value })
    expect(items.filter(({ state }) => state === 'person').map(({ item }) => item)).toEqual([name])
    expect(parse(String(files.get('out/policies/rule.yaml')))).toMatchObject({ enabled: false })
  })

  it.each([
    ['request.method == "POST"', "#[attributes.method = 'POST']"],
    [
      "request.method !== 'GET' && request.method != 'HEAD'",
      "#[attributes.method != 'GET' and attributes.method != 'HEAD']",
    ],
    [
      'request.method==="PUT"||request.method === "POST"',
      "#[attributes.method = 'PUT' or attributes.method = 'POST']",
    ],
  ])('translates the condition %s', (condition, when) => {
    const { policy } = policyOf({ 'when this rule should be applied': { expression: condition } })
    expect(policy.when).toBe(when)
  })

  it('keeps the condition beside the one that takes its place', () => {
    const { files } = importRule({ whenThisRuleShouldBeApplied: 'request.method == "POST"' })
    expect(files.get('out/policies/rule.yaml')).toContain(
      `# request.method == "POST"\nwhen: "#[attributes.method = 'POST']"`,
    )
  })

  const custom = { 'Authorization Scheme': 'Custom' }
  const header = { location: 'header', name: 'authorization' }
  it.each([
    [
      { ...custom, 'Custom Authorization Scheme': 'A b ' },
      { ...header, scheme: 'A b' },
    ],
    [
      { ...custom, 'Custom Authorization Scheme': 'A=' },
      { ...header, value: 'A=#[tokens.rule.value]' },
    ],
    [
      { 'Token Location': 'Body', 'Request Body Key': 'a/b~c' },
      { location: 'body', name: '/a~1b~0c' },
    ],
    [
      { 'Token Location': 'Query', 'Query String Parameter Name': 'token' },
      { location: 'query', name: 'token' },
    ],
  ])('puts the token where %o says', (rule, inject) => {
    expect(policyOf(rule).policy.inject).toEqual(inject)
  })

  it('takes no text of the rule for an expression', () => {
    const { policy } = policyOf({ Subject: 'a#[b', 'Custom Metadata': { '/a': ['\\#[c'] } })
    expect(policy.jwt).toMatchObject({
      sub: 'a\\#[b',
      customClaims: [{ name: '#["/a"]', value: ['\\\\\\#[c'] }],
    })
  })
})

describe('the accounts of outbound JWT rules', () => {
  const rule = (label: string, account: Rule, skip = false) => ({
    Label: label,
    'Skip Key ID': skip,
    'JWT Account': { ...ACCOUNT, 'Key ID': 'crm-1', ...account },
  })

  it('are written once, and apart where the key id is skipped or anything else differs', () => {
    const rules = [
      ...[rule('a', {}), rule('b', {}), rule('c', {}, true)],
      ...[rule('d', { 'JWT Issuer': 'other' }), rule('e', { 'JWT Issuer': 'other' })],
    ]
    const { files } = importRules(rules, 'http://a.test')
    const { accounts, routes } = parse(String(files.get('out/countersign.yaml')))
    const crm = {
      issuer: 'api-gateway',
      ttl: 300,
      signingMethod: 'HS256',
      privateKey: { env: 'KEY' },
    }
    expect(accounts).toEqual({
      crm: { ...crm, kid: 'crm-1' },
      'crm-without-kid': { ...crm, kid: 'omit' },
      'crm-2': { ...crm, issuer: 'other', kid: 'crm-1' },
    })
    expect(routes).toEqual([{ name: 'all', upstream: 'http://a.test' }])
    const used = ['a', 'b', 'c', 'd', 'e'].map((name) => {
      return parse(String(files.get(`out/policies/${name}.yaml`))).jwt.account
    })
    expect(used).toEqual(['crm', 'crm', 'crm-without-kid', 'crm-2', 'crm-2'])
  })

  it('keep their keys in files of their own', () => {
    const { pkcs8 } = rsaKeys()
    const pem = { 'Signing Algorithm': 'RS256', 'Signing Key': pkcs8 }
    const rules = [
      rule('a', pem),
      rule('b', { 'Signing Key': KEY }),
      rule('c', { 'Signing Key': `${KEY}x` }),
    ]
    const { items, files } = importRules(rules)
    const keys = ['crm.pem', 'crm-2.secret', 'crm-3.secret'].map((name) =>
      files.get(`out/keys/${name}`),
    )
    expect(keys.every((key) => key instanceof Secret)).toBe(true)
    expect(keys.map((key) => (key as Secret).reveal())).toEqual([pkcs8, `${KEY}\n`, `${KEY}x\n`])
    const rest = [...files.values()].filter((text) => typeof text === 'string')
    expect(JSON.stringify([items, rest])).not.toMatch(/BEGIN|x$/)
    expect(JSON.stringify([items, rest])).not.toContain(KEY)
  })
})

it('gives the upstream the token that the rule gave it', async () => {
  const upstream = await recordingUpstream()
  const { files } = importRules(
    [
      {
        ...{ Label: 'rule', 'JWT Account': ACCOUNT, ...{ 'Authorization Scheme': 'Custom' } },
        'Custom Authorization Scheme': 'A=',
        ...{
          Audience: ['crm'],
          Subject: '$'.concat('{HOME}'),
          'Custom Metadata': { '/a': { b: [1] } },
        },
      },
    ],
    upstream.url,
  )
  const proxy = await startProxy({
    policies: String(files.get('out/policies/rule.yaml')),
    gateway: String(files.get('out/countersign.yaml')),
    variables: { KEY },
    environment: { ...systemEnvironment(), now: () => NOW, uuid: () => 'id' },
  })
  await rawRequest(proxy.port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  await upstream.close()
  const [value = ''] = upstream.requests()[0]?.values('authorization') ?? []
  expect(value).toMatch(/^A=ey/)
  const verify = createVerifier({ key: KEY, algorithms: ['HS256'], clockTimestamp: NOW })
  expect(verify(value.slice(2))).toEqual({
    ...{ iss: 'api-gateway', aud: ['crm'], sub: '$'.concat('{HOME}'), '/a': { b: [1] } },
    ...{ iat: NOW / 1000, nbf: NOW / 1000 - 2, exp: NOW / 1000 + 300, jti: 'id' },
  })
})
