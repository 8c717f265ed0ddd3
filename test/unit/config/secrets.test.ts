import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/config/configuration-error.ts'
import { formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { openGateway } from '../../../src/config/open.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import type { ConfigurationEvent } from '../../../src/observe.ts'
import { ecKeys, hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const CANARY = 'CANARYs3cr3tCANARYs3cr3tCANARY'
const variables: Readonly<Record<string, string>> = { KEY: hmacSecret(), S: CANARY }
const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }
const reference = (name: string) => `\${${name}}`
const jwt = (more: string) => `name: a\njwt: { signingMethod: HS256, exp: 300, ${more} }\n`

/** Everything that people see of the findings in a policy file. */
async function findings(text: string): Promise<{ rules: string[]; shown: string }> {
  const folder = await tempFolder({ 'p.yaml': text })
  const { diagnostics } = await loadPolicies(folder.path, environment)
  const lines = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))
  return {
    rules: diagnostics.map(({ rule }) => rule),
    shown: lines.join('\n') + JSON.stringify(diagnostics),
  }
}

describe('no finding shows a secret', () => {
  it.each<[string, string, string]>([
    ['as the file of a key', jwt(`privateKey: { file: "${reference('S')}" }`), 'key/missing'],
    [
      'as the file of a key, put in by default',
      jwt(`privateKey: { file: "\${N:-${CANARY}}" }`),
      'key/missing',
    ],
    ['in the place of a file', jwt(`privateKey: { file: ${CANARY} }`), 'key/missing'],
    ['in the place of a variable', jwt(`privateKey: { env: ${CANARY} }`), 'key/missing'],
    ['in base64 there', jwt(`privateKey: { env: "${CANARY}+/==" }`), 'schema/value'],
    ['as a key of the map', jwt(`privateKey: { ${CANARY} }`), 'schema/unknown-key'],
    ['as a key, with a value', jwt(`privateKey: { ${CANARY}: x }`), 'schema/unknown-key'],
    ['below an unknown key', jwt(`privateKey: { envv: ${CANARY} }`), 'schema/unknown-key'],
    ['twice as a key', jwt(`privateKey: { ${CANARY}: x, ${CANARY}: y }`), 'yaml/duplicate-key'],
    ['in a list', jwt(`privateKey: [ ${CANARY} ]`), 'schema/type'],
    ['as what is missing', jwt(`privateKey: "\${N:?${CANARY}}"`), 'env/unset'],
    ...['key', 'keys', 'signingKey', 'signing_key', 'hmac', 'kye', 'customClaims'].map(
      (name): [string, string, string] => [
        `under ${name}`,
        `name: a\njwt: { signingMethod: HS256, exp: 300, ${name}: ${CANARY} }\n`,
        name === 'keys' || name === 'customClaims' ? 'schema/type' : 'schema/unknown-key',
      ],
    ),
    [
      'below an unknown key of the block',
      jwt(`sig: { a: { ${CANARY}: ${CANARY} } }`),
      'schema/unknown-key',
    ],
    ['in a list of keys', jwt(`keys: [ ${CANARY} ]`), 'schema/type'],
    ['in place of the block', `name: a\njwt: ${CANARY}\n`, 'schema/type'],
    [
      'in place of a block in it',
      jwt(`privateKey: { env: KEY }, encrypt: ${CANARY}`),
      'schema/type',
    ],
    [
      'under another name of what encrypts',
      jwt(`privateKey: { env: KEY }, encrypt: { alg: dir, enc: A256GCM, key: ${CANARY} }`),
      'schema/unknown-key',
    ],
    ['as the name of a variable', jwt(`privateKey: "${reference(CANARY)}"`), 'env/unset'],
    [
      'as the name of a variable of a file',
      jwt(`privateKey: { file: "${reference(CANARY)}" }`),
      'env/unset',
    ],
    [
      'as a line of a PEM text that is out of line',
      `name: a\njwt:\n  privateKey: |\n    -----BEGIN PRIVATE KEY-----\n  ${CANARY}\n    -----END PRIVATE KEY-----\n`,
      'yaml/syntax',
    ],
    [
      'beside another fault of its line',
      jwt(`privateKey: ${CANARY}, bogus: 1`),
      'schema/unknown-key',
    ],
    [
      'in a URL',
      `${jwt('privateKey: { env: KEY }')}order: http://svc:${CANARY}@x\n`,
      'schema/type',
    ],
    [
      'as a name that is taken',
      `name: n\n---\nsaveAs: "\${S}"\n${jwt('privateKey: { env: KEY }')}---\n${jwt('privateKey: { env: KEY }').replace('name: a', `name: b\nsaveAs: "${reference('S')}"`)}`,
      'policy/duplicate-save-as',
    ],
  ])('%s', async (_what, text, rule) => {
    const { rules, shown } = await findings(text)
    expect(rules).toContain(rule)
    expect(shown).not.toContain('CANARY')
  })
})

/** A policy with its own key and `line` in its `jwt` block, then `more` beside it. */
const signed = (line: string, more = '') =>
  `name: a\njwt:\n  signingMethod: HS256\n  privateKey: { env: KEY }\n  exp: 300\n  ${line}\n${more}`

const KEYS: readonly (readonly [string, string])[] = [
  ['a secret', hmacSecret(48)],
  ['a line of PEM', ecKeys().pkcs8.split('\n')[1] ?? ''],
  ['a member of a JWK', ecKeys().privateJwk.d ?? ''],
]

describe.each(KEYS)('T059 no finding shows %s', (_what, key) => {
  it.each<[string, string, string]>([
    ['as an algorithm', jwt(`privateKey: { env: KEY }`).replace('HS256', key), 'schema/enum'],
    ['as a keyType', signed(`keyType: ${key}`), 'schema/enum'],
    ['as a kid with a blank beside it', signed(`kid: "é ${key}"`), 'schema/type'],
    ['as a name', signed('sub: x').replace('name: a', `name: "${key}"`), 'schema/value'],
    ['as an order', signed('sub: x', `order: "${key}"\n`), 'schema/type'],
    ['as a key at the top', signed('sub: x', `"${key}": 1\n`), 'schema/unknown-key'],
    ['as a key twice', `"${key}": 1\n"${key}": 2\n`, 'yaml/duplicate-key'],
    ['as an anchor', signed(`sub: &${key.replace(/[+/=]/g, '')} x`), 'yaml/alias'],
    ['as the name of a claim', signed(`sub: { ${JSON.stringify(key)}: 1 }`), 'schema/type'],
    ['in an expression', signed(`sub: '#[$fromMillis("${key}", )]'`), 'expr/syntax'],
    ['as a function', signed(`sub: '#[$eval("${key}")]'`), 'expr/eval'],
    ['in a condition', signed('sub: x', `when: '#["${key}"]'\n`), 'policy/when'],
    ['as a cache', signed('sub: x', `cache: { name: "${key}" }\n`), 'schema/value'],
    ['as a host', signed('sub: x', `match: { hosts: ["${key} ${key}"] }\n`), 'schema/value'],
  ])('%s', async (_place, text, rule) => {
    const { rules, shown } = await findings(text)
    expect(rules.length).toBeGreaterThan(0)
    expect([rules, shown.includes(key.slice(0, 12))]).toEqual([
      expect.arrayContaining([rule]),
      false,
    ])
  })
})

describe('a finding about a reference', () => {
  it.each([
    ['the variable', 'env: ORDERS_KEY', '"ORDERS_KEY"'],
    ['the file', 'file: keys/orders.pem', '"keys/orders.pem"'],
    ['what is written for a variable', `file: "${reference('S')}"`, reference('S')],
  ])('names %s, and shows the line', async (_what, written, name) => {
    const { shown } = await findings(jwt(`privateKey: { ${written} }`))
    expect(shown).toContain('exp: 300, privateKey: { ')
    expect(shown).toContain(name)
  })

  it.each([
    [
      'an algorithm',
      'signingMethod: HS999',
      'jwt.signingMethod: "HS999" is not a supported algorithm',
    ],
    ['a key', 'singUse: true', 'jwt.singUse: unknown key'],
    ['a variable', 'privateKey: "$' + '{ORDERS_KEY}"', 'environment variable "ORDERS_KEY"'],
    ['text for a list of text', 'certificateHeaders: x5c', 'expected a list, got text "x5c"'],
  ])('names %s that is not known', async (_what, written, said) => {
    const { shown } = await findings(`name: a\njwt:\n  exp: 300\n  ${written}\n`)
    expect(shown).toContain(said)
  })

  it('says that one source is expected where two are written', async () => {
    const { shown, rules } = await findings(jwt('privateKey: { env: KEY, file: keys/a.pem }'))
    expect(rules).toEqual(['schema/value'])
    expect(shown).toContain('jwt.privateKey: expected exactly one of env or file')
  })
})

describe('the password of an upstream', () => {
  const gateway = (upstream: string) => `routes: [{ name: r, upstream: ${upstream} }]\n`

  it.each([
    `"http://svc:${CANARY}@up"`,
    `{ url: "http://svc:${CANARY}@up" }`,
    `"ftp://${CANARY}@up"`,
  ])('stands in no finding and in no line of a log: %s', async (upstream) => {
    const folder = await tempFolder({
      'countersign.yaml': gateway('"http://up"'),
      'policies/p.yaml': jwt('privateKey: { env: KEY }'),
    })
    const events: ConfigurationEvent[] = []
    const options = {
      config: `${folder.path}/countersign.yaml`,
      environment,
      observe: (event: unknown) => void events.push(event as ConfigurationEvent),
    }
    const { reload, close } = await openGateway(options)
    await folder.write('countersign.yaml', gateway(upstream))
    expect(await reload()).toBe(false)
    close()
    expect(JSON.stringify(events)).not.toContain('CANARY')
    const error = await openGateway(options).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as Error).message).not.toContain('CANARY')
  })
})

describe('the accounts of a gateway file', () => {
  it.each([
    `accounts: { erp: { ttl: 300, signingMethod: HS256, key: ${CANARY} } }`,
    `accounts: { erp: { ttl: 300, signingMethod: HS256, keys: [ { use: sign, hmac: ${CANARY} } ] } }`,
    `accounts: { erp: ${CANARY} }`,
    `accounts: ${CANARY}`,
  ])('show no key under another name: %s', async (accounts) => {
    const folder = await tempFolder({
      'countersign.yaml': `routes: [{ name: r, upstream: "http://up" }]\n${accounts}\n`,
      'policies/p.yaml': jwt('privateKey: { env: KEY }'),
    })
    const options = { config: `${folder.path}/countersign.yaml` }
    const { diagnostics } = await loadConfiguration(options, environment)
    expect(diagnostics).not.toEqual([])
    expect(JSON.stringify(diagnostics)).not.toContain('CANARY')
  })
})
