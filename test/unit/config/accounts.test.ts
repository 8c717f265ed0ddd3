import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { ecKeys, hmacSecret } from '../../support/keys.ts'
import { requestContext } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const variables: Readonly<Record<string, string>> = {
  SECRET: hmacSecret(),
  EC: ecKeys().pkcs8,
  CANARY: 'CANARY-CANARY-CANARY',
}
const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }
const ROUTES = 'routes: [{ name: r, upstream: "http://up.example:9000" }]\n'
const USER = 'name: p\njwt: { account: erp }\n'
const ERP = 'erp: { issuer: them, ttl: 300, signingMethod: HS256, privateKey: { env: SECRET } }'

async function load(accounts: string, policy = USER, files: Readonly<Record<string, string>> = {}) {
  const folder = await tempFolder({
    'countersign.yaml': `${ROUTES}${accounts}\n`,
    'policies/deep/p.yaml': policy,
    ...files,
  })
  const options = { config: join(folder.path, 'countersign.yaml') }
  const { compiled, diagnostics } = await loadConfiguration(options, environment)
  const found = diagnostics.map(({ file, line, column, severity, rule }) => {
    return `${file.slice(folder.path.length + 1)}:${line}:${column} ${severity} ${rule}`
  })
  return {
    found,
    compiled,
    shown: diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n'),
    claims: async (index = 0) =>
      (await compiled?.policies[index]?.evaluate(requestContext()))?.saved?.token.claims,
  }
}

describe('an account', () => {
  it('gives a policy issuer, lifetime, algorithm and key', async () => {
    const { found, claims } = await load(`accounts: { ${ERP} }`, `${USER}saveAs: t\n`)
    expect(found).toEqual([])
    const { iat = 0, ...others } = (await claims()) ?? {}
    expect(others).toEqual({ iss: 'them', exp: (iat as number) + 300 })
  })

  it('gives several policies one key, read once', async () => {
    const { compiled } = await load(
      'accounts: { erp: { ttl: 300, signingMethod: ES256, privateKey: { file: keys/ec.pem } } }',
      `${USER}---\n${USER.replace('name: p', 'name: q')}inject: { name: x-q }\n`,
      { 'keys/ec.pem': ecKeys().pkcs8 },
    )
    const [first, second] = compiled?.policies ?? []
    expect(first?.publicKeys).toHaveLength(1)
    expect(second?.publicKeys[0]).toBe(first?.publicKeys[0])
  })

  it('is checked when nobody uses it, each fault at its place', async () => {
    const { found, compiled } = await load(
      [
        'accounts:',
        '  a: { signingMethod: HS256, privateKey: { env: NONE } }',
        '  b: { signingMethod: HS256, privateKey: { env: EC } }',
      ].join('\n'),
      'name: p\ninject: { value: v }\n',
    )
    expect(compiled).toBeUndefined()
    expect(found).toEqual([
      'countersign.yaml:3:49 error key/missing',
      'countersign.yaml:4:49 error key/mismatch',
    ])
  })

  it('is looked into also when something else in the file does not fit', async () => {
    const { found } = await load(
      'listen: nowhere\naccounts: { a: { signingMethod: HS256, privateKey: { env: NONE } } }',
      'name: p\ninject: { value: v }\n',
    )
    expect(found).toEqual([
      'countersign.yaml:2:9 error schema/value',
      'countersign.yaml:3:59 error key/missing',
    ])
  })

  it.each([
    [
      'its own key is wrong',
      'accounts: { erp: { signingMethod: HS256, privateKey: { env: NONE } } }',
    ],
    ['it does not fit', 'accounts: { erp: { signingMethod: HS2, privateKey: { env: SECRET } } }'],
    ['the file does not parse', 'accounts: { erp: { '],
  ])('is told once when %s, not again by those who use it', async (_what, accounts) => {
    const { found, compiled } = await load(accounts)
    expect([compiled, found]).toEqual([
      undefined,
      [expect.stringMatching(/^countersign.yaml:[23]:\d+ error/)],
    ])
  })

  it.each([
    ['has another name', `accounts: { ${ERP} }`],
    ['stands in a file without accounts', ''],
    ['stands in a file with another fault', `listen: nowhere\naccounts: { ${ERP} }`],
  ])('that a policy names is an error when it %s', async (_what, accounts) => {
    const { found } = await load(accounts, USER.replace('erp', 'epr'))
    expect(found).toContain('policies/deep/p.yaml:2:17 error account/unknown')
  })

  it('may be unknown to a policy that is disabled', async () => {
    const { found, compiled } = await load('', `${USER}enabled: false\n`)
    expect(compiled).toBeDefined()
    expect(found).toEqual(['policies/deep/p.yaml:2:17 warning account/unknown'])
  })

  it.each([
    ['Erp: { signingMethod: HS256, privateKey: { env: SECRET } }', 'schema/value'],
    ['erp: { privateKey: { env: SECRET } }', 'schema/required'],
    ['erp: { signingMethod: HS256, privateKey: { env: SECRET }, ttl: 0 }', 'schema/value'],
    ['erp: { signingMethod: HS256, privateKey: { env: SECRET }, iss: a }', 'schema/unknown-key'],
    [
      'erp: { signingMethod: HS256, privateKey: { env: SECRET }, issuer: "a-#[vars.b]" }',
      'schema/value',
    ],
  ])('%s is reported as %s', async (account, rule) => {
    const { found } = await load(`accounts: { ${account} }`, 'name: p\ninject: { value: v }\n')
    expect(found).toEqual([
      expect.stringMatching(new RegExp(`^countersign.yaml:2:\\d+ error ${rule}$`)),
    ])
  })
})

describe('no finding about an account shows a secret', () => {
  it.each([
    'privateKey: CANARY-CANARY-CANARY',
    'privateKey: { file: k.p12, passphrase: CANARY-CANARY-CANARY }',
    `privateKey: { file: "\${CANARY}" }`,
    'privateKey: { pkcs11: { library: /l.so, token: t, label: l, pin: CANARY-CANARY } }',
    'privateKey: { vaultTransit: { address: "http://127.0.0.1:1", key: k, token: CANARY-CANARY } }',
    'certificate: CANARY-CANARY-CANARY, privateKey: { env: EC }',
    'keys: [{ use: sign, publicKey: CANARY-CANARY-CANARY }]',
    'privateKey: { env: EC }, issuer: [], token: CANARY-CANARY',
    'privateKey: { pkcs11: { library: /l.so, token: t, label: l, pin: 0123 } }',
  ])('%s', async (keys) => {
    const { found, shown } = await load(`accounts: { erp: { signingMethod: ES256, ${keys} } }`)
    expect(found.length).toBeGreaterThan(0)
    expect(shown).not.toMatch(/CANARY-|123/)
  })
})
