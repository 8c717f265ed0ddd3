import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadAuthenticators } from '../../../src/config/authenticators.ts'
import { formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { loadConfiguration } from '../../../src/config/load.ts'
import { compileAdmission } from '../../../src/config/route-admission.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import type { KeySets } from '../../../src/keys/index.ts'
import { hmacSecret } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const SECRET = hmacSecret()
const variables: Readonly<Record<string, string>> = { SECRET, CANARY: 'CANARY-CANARY-CANARY' }
const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }
const POLICY =
  'name: p\njwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300, sub: ann }\n'
const JWT =
  'jwt: { secret: { env: SECRET }, algorithms: [HS256], issuer: i, audience: a, usernameField: sub }'

async function load(
  authenticators: string,
  authenticate = '',
  files: Readonly<Record<string, string>> = {},
) {
  const folder = await tempFolder({
    'countersign.yaml': [
      `routes: [{ name: r, upstream: "http://up.example:9000"${authenticate} }]`,
      `authenticators: ${authenticators}\n`,
    ].join('\n'),
    'policies/p.yaml': POLICY,
    ...files,
  })
  const options = { config: join(folder.path, 'countersign.yaml') }
  const { compiled, diagnostics } = await loadConfiguration(options, environment)
  return {
    compiled,
    found: diagnostics.map(({ file, line, column, severity, rule }) => {
      return `${file.slice(folder.path.length + 1)}:${line}:${column} ${severity} ${rule}`
    }),
    shown: diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n'),
  }
}

describe('authenticators of a gateway file', () => {
  it('load without a word', async () => {
    const { compiled, found } = await load(`{ staff: { ${JWT} } }`, ', authenticate: [staff]')
    expect(found).toEqual([])
    expect(compiled?.routes[0]?.admission.headerNames).toEqual(new Set(['authorization']))
  })

  it('are read when no route asks for them, each fault at its place', async () => {
    const { compiled, found } = await load(
      `\n  staff: { ${JWT.replace('{ env: SECRET }', '{ env: NONE }')} }\n  other: { jwt: { algorithms: [RS256], issuer: i, audience: a, usernameField: sub } }`,
    )
    expect(compiled).toBeUndefined()
    expect(found).toEqual([
      expect.stringMatching(/^countersign\.yaml:3:\d+ error key\//),
      expect.stringMatching(/^countersign\.yaml:4:\d+ error key\//),
    ])
  })

  it.each([
    ['no kind', '{ staff: { enabled: false } }'],
    ['two kinds', `{ staff: { anonymous: {}, ${JWT} } }`],
  ])('have one kind, not %s', async (_what, authenticators) => {
    const { compiled, found } = await load(authenticators, ', authenticate: [staff]')
    expect(compiled).toBeUndefined()
    expect(found).toEqual(['countersign.yaml:2:26 error schema/required'])
  })

  it('are told from a slip of the finger', async () => {
    const { found, shown } = await load('{ staff: { jtw: {} } }')
    expect(found).toContain('countersign.yaml:2:28 error schema/unknown-key')
    expect(shown).toContain('jwt')
  })

  it('have names in kebab-case', async () => {
    const { compiled, found } = await load(`{ Staff Members: { ${JWT} } }`)
    expect(compiled).toBeUndefined()
    expect(found).toHaveLength(1)
  })

  it('warn of tokens that are accepted from anybody, for anybody', async () => {
    const { compiled, found } = await load(
      '{ staff: { jwt: { secret: { env: SECRET }, algorithms: [HS256], usernameField: sub } } }',
    )
    expect(compiled).toBeDefined()
    expect(found).toEqual([
      'countersign.yaml:2:33 warning authenticator/no-audience',
      'countersign.yaml:2:33 warning authenticator/no-issuer',
    ])
  })

  it.each([
    'secret: CANARY-CANARY-CANARY, algorithms: [RS256]',
    'secret: CANARY-CANARY-CANARY, algorithms: [HS256]',
    'secret: [CANARY-CANARY-CANARY], algorithms: [HS256]',
    'secret: { env: CANARY }, algorithms: [HS256]',
    'secret: { CANARY-CANARY-CANARY: 1 }, algorithms: [HS256]',
    'publicKey: CANARY-CANARY-CANARY, algorithms: [RS256]',
    'secert: CANARY-CANARY-CANARY, algorithms: [HS256]',
  ])('show no secret: row %#', async (keys) => {
    const { compiled, shown } = await load(
      `{ staff: { jwt: { ${keys}, issuer: i, audience: a, usernameField: sub } } }`,
    )
    expect(compiled).toBeUndefined()
    expect(shown).toContain('error')
    expect(shown).not.toContain('CANARY-CANARY')
  })
})

describe('a disabled authenticator', () => {
  const URL = 'http://127.0.0.1:9/jwks'
  const REMOTE = `jwksUrl: "${URL}", algorithms: [RS256], issuer: i, audience: a, usernameField: sub`

  it.each([
    ['a file that is not there', 'apiKey: { file: none.yaml }', 'file/unreadable'],
    ['no users', 'basic: { htpasswd: none }', 'authenticator/htpasswd'],
    ['no key', JWT.replace('{ env: SECRET }', '{ env: NONE }'), 'key/'],
  ])('is only a warning with %s, and its credential is taken off', async (_what, kind, rule) => {
    const { compiled, found } = await load(
      `{ staff: { enabled: false, ${kind} } }`,
      ', authenticate: [staff, anonymous]',
    )
    expect(found).toEqual([expect.stringContaining(`warning ${rule}`)])
    const admitted = await compiled?.routes[0]?.admission.admit(requestContext(), {})
    expect(admitted).toMatchObject({
      authenticator: 'anonymous',
      patch: { removeHeaders: [expect.stringMatching(/^(?:x-api-key|authorization)$/)] },
    })
  })

  it('is not fetched for', async () => {
    const asked: string[] = []
    const keySets: KeySets = {
      get({ url }) {
        asked.push(String(url))
        return { find: () => [] }
      },
    }
    const { scope, faults } = recordingScope()
    const around = { keySets, diagnostics: [], config: {} }
    for (const enabled of [true, false]) {
      const jwt = { jwksUrl: URL, algorithms: ['RS256'], issuer: 'i', usernameField: 'sub' }
      await loadAuthenticators(
        { staff: { enabled, jwt: { ...jwt, audience: 'a' } } },
        scope,
        around,
      )
    }
    expect(faults).toEqual([])
    expect(asked).toEqual([URL])
  })

  it('has a shape of its own to be checked', async () => {
    const { compiled } = await load(`{ staff: { enabled: false, jwt: { ${REMOTE}, issuers: x } } }`)
    expect(compiled).toBeUndefined()
  })
})

const LISTEN = {
  address: { host: '127.0.0.1', port: 0 },
  tls: { cert: 'c.pem', key: 'k.pem', clientCa: 'ca.pem' },
}

it('warns of an authenticator that another one leaves nothing', async () => {
  const all = JWT.replace('issuer: i, ', '')
  const other = JWT.replace('issuer: i,', 'issuer: j,')
  const { compiled, found } = await load(
    `{ a: { ${JWT} }, b: { ${other} }, c: { ${all} }, d: { ${JWT} } }`,
    ', authenticate: [a, b, c, d]',
  )
  expect(compiled).toBeDefined()
  expect(found).toEqual([
    expect.stringMatching(/^countersign\.yaml:1:\d+ warning gateway\/never-asked$/),
    expect.stringMatching(/^countersign\.yaml:2:\d+ warning authenticator\/no-issuer$/),
  ])
})

describe('what an authenticator is told', () => {
  it('is the text itself as issuer and audience', async () => {
    const { found } = await load(
      `{ staff: { ${JWT.replace('issuer: i', 'issuer: "#[vars.i]"').replace('audience: a', 'audience: [a, "#[vars.a]"]')} } }`,
    )
    expect(found).toEqual([
      expect.stringMatching(/^countersign\.yaml:2:\d+ error authenticator\/literal$/),
      expect.stringMatching(/^countersign\.yaml:2:\d+ error authenticator\/literal$/),
    ])
  })

  it('is no other kind for anonymous', async () => {
    const { compiled, found } = await load(`{ anonymous: { ${JWT} } }`)
    expect(compiled).toBeUndefined()
    expect(found).toEqual(['countersign.yaml:2:30 error gateway/reserved-name'])
  })

  it.each([
    ['none is asked for', {}, ['gateway/no-client-ca']],
    ['one is asked for', { listen: LISTEN }, []],
    ['the file does not say', undefined, []],
  ])('is a certificate, with a warning when %s', async (_when, config, rules) => {
    const { scope, faults } = recordingScope()
    const around = { keySets: { get: () => ({ find: () => [] }) }, diagnostics: [], config }
    const written = { mesh: { clientCertificate: { subjects: ['CN=a'] } } }
    const known = await loadAuthenticators(written, scope, around)
    const route = { name: 'r', upstream: 'http://up.example:9000', authenticate: ['mesh'] }
    compileAdmission(route, known, scope)
    expect(faults.map(({ rule }) => rule)).toEqual(rules)
  })

  it.each([
    ['in: { location: body, name: x }, file: clients.yaml', 'location: body', 'or "cookie"'],
    ['in: { name: "bad name" }, file: clients.yaml', 'bad name', 'header name'],
    ['in: { name: connection }, file: clients.yaml', 'name: connection', 'of its own'],
  ])('is shown with its line: %s', async (apiKey, line, said) => {
    const { shown } = await load(`\n  machines:\n    apiKey: { ${apiKey} }`)
    expect(shown).toContain(line)
    expect(shown).toContain(said)
    expect(shown).toContain('^')
    expect(shown).not.toContain('undefined')
  })

  it.each([
    'apiKey: CANARY-CANARY-CANARY',
    'apiKey: { in: CANARY-CANARY-CANARY, file: clients.yaml }',
    'apiKey: { key: CANARY-CANARY-CANARY, file: clients.yaml }',
    'apiKey: { sha256: CANARY-CANARY-CANARY, file: clients.yaml }',
    'apiKey: { in: { key: CANARY-CANARY-CANARY }, file: clients.yaml }',
    'apiKey: { in: { token: CANARY-CANARY-CANARY }, file: clients.yaml }',
    'basic: { password: CANARY-CANARY-CANARY }',
    'basic: CANARY-CANARY-CANARY',
    'apiKye: { file: CANARY-CANARY-CANARY }',
  ])('is not shown when it may be a key: %s', async (kind) => {
    const { compiled, shown } = await load(`{ machines: { ${kind} } }`)
    expect(compiled).toBeUndefined()
    expect(shown).not.toContain('CANARY-CANARY')
  })
})

const KEYS = '{ machines: { apiKey: { in: { name: x-api-key }, file: keys/clients.yaml } } }'

describe('a YAML file beside the gateway file', () => {
  const CLIENTS = `- { sha256: ${'ab'.repeat(32)}, clientId: web }\n`

  it('is read from the folder of the gateway file', async () => {
    const { found } = await load(KEYS, ', authenticate: [machines]', {
      'keys/clients.yaml': CLIENTS,
    })
    expect(found).toEqual([])
  })

  it.each([
    ['is not there', undefined, /^countersign\.yaml:2:\d+ error file\/unreadable$/],
    ['is no YAML', '- { a: [', /^keys\/clients\.yaml:\d+:\d+ error yaml\//],
    ['does not fit', '- { sha256: abc, clientId: web }\n', /^keys\/clients\.yaml:1:\d+ error /],
    ['is empty', '', /^countersign\.yaml:2:\d+ error file\/documents$/],
    [
      'has two documents',
      `${CLIENTS}---\n${CLIENTS}`,
      /^countersign\.yaml:2:\d+ error file\/documents$/,
    ],
  ])('is reported when it %s', async (_how, text, fault) => {
    const files = text === undefined ? undefined : { 'keys/clients.yaml': text }
    const { compiled, found } = await load(KEYS, ', authenticate: [machines]', files)
    expect(compiled).toBeUndefined()
    expect(found.filter((line) => line.includes(' error '))).toContainEqual(
      expect.stringMatching(fault),
    )
  })
})
