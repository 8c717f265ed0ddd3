import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { hmacSecret, rsaKeys } from '../support/keys.ts'
import { runCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const KEY = rsaKeys().pkcs8
const PASSWORD = hmacSecret()
const LIST = `
- policyRef: { name: jwt-generation-flex }
  config:
    privateKey: ${JSON.stringify(KEY)}
    exp: 300
    customClaims:
      - { name: sub, value: "#[attributes.headers['X-User']]" }
- policyRef: { name: credential-injection-basic-auth-flex }
  config: { username: bob, password: ${JSON.stringify(PASSWORD)}, customHeader: x-basic }
- policyRef: { name: credential-injection-api-key-flex }
  config: { apiKey: $API_KEY, customHeader: x-key }
`
const API = `
apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: orders }
spec:
  address: http://127.0.0.1:8081
  services: { upstream: { address: "http://up.example:9" } }
  policies:${LIST.replaceAll('\n', '\n    ')}
`

/** Runs `countersign import flex` on one file, in a folder of its own. */
async function importFlex(text: string, args: readonly string[] = ['--out', 'out'], env = {}) {
  const { path: cwd } = await tempFolder({ 'flex.yaml': text })
  const exit = await runCountersign(['import', 'flex', 'flex.yaml', ...args], {
    cwd,
    env: { API_KEY: hmacSecret(), ...env },
  })
  return { cwd, ...exit }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()
}

const policyIn = async (folder: string, name: string) =>
  parse(await readFile(`${folder}/out/policies/${name}.yaml`, 'utf8'))

describe('countersign import flex', () => {
  it('writes a policy for each, its secret, the beginning of its test, and the gateway file', async () => {
    const { cwd, code, stdout, stderr } = await importFlex(API)
    expect({ code, said: stderr.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      said: '10 translated, 0 translated with notice, 0 needs a person',
    })
    expect(stdout.split('\n')[0]).toMatch(/^PLACE +ITEM +STATE +NOTE$/)
    expect(stdout).toMatch(/^flex\.yaml:\d+ +orders: listener and routes +translated$/m)
    const [jwt, basic, key] = [
      'jwt-generation',
      'credential-injection-basic-auth',
      'credential-injection-api-key',
    ].map((name) => `orders-${name}-flex`)
    expect(await filesIn(`${cwd}/out`)).toEqual([
      'countersign.yaml',
      `keys/${basic}.secret`,
      `keys/${jwt}.pem`,
      ...[key, basic, jwt].flatMap((name) => [
        `policies/${name}.test.yaml`,
        `policies/${name}.yaml`,
      ]),
    ])
    const test = parse(await readFile(`${cwd}/out/policies/${jwt}.test.yaml`, 'utf8'))
    expect(test).toMatchObject({ policy: jwt, cases: [{ expect: { header: { alg: 'RS256' } } }] })
  })

  it('writes what `validate` accepts', async () => {
    const { cwd } = await importFlex(API)
    const env = { API_KEY: hmacSecret() }
    const { code, stdout } = await runCountersign(['validate', 'out'], { cwd, env })
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/error\[|warning\[/)
  })

  it.each([
    { args: ['--out', 'out'], env: {}, keys: 'out/keys', source: '../keys/flex-1.pem' },
    {
      args: ['--out', 'out', '--keys-to', 'safe'],
      env: {},
      keys: 'safe',
      source: '../../safe/flex-1.pem',
    },
    {
      args: [],
      env: { COUNTERSIGN_IMPORT_OUT: 'out', COUNTERSIGN_IMPORT_KEYS_TO: 'out/k' },
      keys: 'out/k',
      source: '../k/flex-1.pem',
    },
  ])('moves secrets to files of their owner in $keys', async ({ args, env, keys, source }) => {
    const { cwd, code } = await importFlex(LIST, args, env)
    expect(code).toBe(0)
    expect((await policyIn(cwd, 'flex-1')).jwt.privateKey).toEqual({ file: source })
    expect((await policyIn(cwd, 'flex-3')).apiKey).toEqual({ env: 'API_KEY' })
    expect(await readFile(`${cwd}/${keys}/flex-1.pem`, 'utf8')).toBe(KEY)
    expect(await readFile(`${cwd}/${keys}/flex-2.secret`, 'utf8')).toBe(`${PASSWORD}\n`)
    for (const name of await readdir(`${cwd}/${keys}`)) {
      expect((await stat(`${cwd}/${keys}/${name}`)).mode & 0o777).toBe(0o600)
    }
  })

  it('shows no secret, and leaves none in a policy', async () => {
    const { cwd, stdout, stderr } = await importFlex(API)
    const policies = (await filesIn(`${cwd}/out/policies`)).map(
      (name) => `${cwd}/out/policies/${name}`,
    )
    const texts = await Promise.all(
      [...policies, `${cwd}/out/countersign.yaml`].map((path) => readFile(path, 'utf8')),
    )
    for (const secret of [PASSWORD, KEY.slice(100, 140)]) {
      expect([stdout, stderr, ...texts].join('\n')).not.toContain(secret)
    }
  })

  const quoted = LIST.replace('bob', `"'bob'"`)
  it.each([
    {
      args: ['--out', 'out'],
      code: 0,
      said: '8 translated, 1 translated with notice, 0 needs a person',
    },
    {
      args: ['--out', 'out', '--strict'],
      code: 1,
      said: '8 translated, 0 translated with notice, 1 needs a person',
    },
  ])('ends with $code for a notice under $args', async ({ args, code, said }) => {
    const exit = await importFlex(quoted, args)
    expect(exit.code).toBe(code)
    expect(exit.stderr).toContain(said)
  })

  it('takes --strict from the environment, where it may be off', async () => {
    const args = ['--out', 'out']
    const ends = ['1', 'off', ''].map((value) =>
      importFlex(quoted, args, { COUNTERSIGN_IMPORT_STRICT: value }),
    )
    expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([1, 0, 0])
  })

  it('says what the gateway would refuse to load, at its place in the original', async () => {
    const key = JSON.stringify(KEY)
    const wrong = LIST.replace(key, '"no PEM"')
    const { cwd, code, stdout } = await importFlex(wrong)
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^flex\.yaml:4 +flex-1 jwt privateKey file +needs a person +expected PEM/m,
    )
    expect(await policyIn(cwd, 'flex-1')).toMatchObject({ enabled: false })
    expect(await policyIn(cwd, 'flex-2')).not.toHaveProperty('enabled')
  })

  it('says of a route what the gateway would refuse to load, in the new file', async () => {
    const { code, stdout } = await importFlex(API.replace('http://up.example:9', 'ftp://127.0.0.1'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/out\/countersign\.yaml:\d+ +schema\/value +needs a person/)
  })

  it('names a variable that is not set, which it may be where the files run', async () => {
    const { code, stdout } = await importFlex(LIST, ['--out', 'out'], { API_KEY: undefined })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /flex-3 apiKey env +translated with notice +.*"API_KEY", which is not set/,
    )
  })

  it('gives a notice for a weak key, and switches its policy off under --strict', async () => {
    const weak = `
- policyRef: { name: jwt-generation-flex }
  config: { signingMethod: HS256, privateKey: short }
`
    const plain = await importFlex(weak)
    expect(plain.code).toBe(0)
    expect(plain.stdout).toMatch(/translated with notice +expected a secret of at least 32 bytes/)
    expect(await policyIn(plain.cwd, 'flex-1')).not.toHaveProperty('enabled')
    const strict = await importFlex(weak, ['--out', 'out', '--strict'])
    expect(strict.code).toBe(1)
    expect(await policyIn(strict.cwd, 'flex-1')).toMatchObject({ enabled: false })
  })

  it('lets no request pass under --strict while there is a notice', async () => {
    const { cwd, code } = await importFlex(API.replace('bob', `"'bob'"`), [
      '--out',
      'out',
      '--strict',
    ])
    expect(code).toBe(1)
    const basic = 'orders-credential-injection-basic-auth-flex'
    expect(await policyIn(cwd, basic)).toMatchObject({ enabled: false })
    const gateway = parse(await readFile(`${cwd}/out/countersign.yaml`, 'utf8'))
    expect(gateway.routes).toMatchObject([{ unmatched: 'reject' }])
  })

  it.each(['exp: $TTL', 'iat: $TTL', 'nbf: $TTL', 'signingMethod: $TTL'])(
    'leaves %s to a person, and names the variable; the rest loads',
    async (line) => {
      const { cwd, code, stdout } = await importFlex(`
apiVersion: gateway.mulesoft.com/v1alpha1
kind: ApiInstance
metadata: { name: orders }
spec:
  address: http://127.0.0.1:8081
  services: { upstream: { address: "http://up.example:9" } }
  policies:
    - policyRef: jwt-generation-flex
      config: { privateKey: $KEY, ${line} }
`)
      expect(code).toBe(1)
      const persons = stdout.split('\n').filter((row) => row.includes('needs a person'))
      expect(persons).toEqual([expect.stringMatching(/variable +needs a person .*variable "TTL"/)])
      expect((await runCountersign(['validate', 'out'], { cwd })).code).toBe(0)
    },
  )

  it('overwrites nothing, and writes all or nothing', async () => {
    const { path: cwd } = await tempFolder({
      'flex.yaml': LIST,
      'out/policies/flex-2.yaml': 'mine',
    })
    const { code, stdout, stderr } = await runCountersign(
      ['import', 'flex', 'flex.yaml', '--out', 'out'],
      { cwd },
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^nothing was written: \S+ is there already\n$/)
    expect(await filesIn(`${cwd}/out`)).toEqual(['policies/flex-2.yaml'])
  })

  it.each([
    { args: ['flex', '--out', 'out'], says: "missing required argument 'file'" },
    { args: ['flex', 'a.yaml'], says: "required option '--out <folder>' not specified" },
    { args: ['flex', 'none.yaml', '--out', 'out'], says: 'no such file or folder' },
    { args: ['flex', 'broken.yaml', '--out', 'out'], says: 'broken.yaml:1:' },
    { args: ['flx'], says: 'unknown command' },
    {
      args: ['outbound-jwt', 'a.yaml', '--out', 'out', '--upstream', 'x'],
      says: 'expected an http(s) URL',
    },
  ])('ends $args with 2 and says "$says"', async ({ args, says }) => {
    const { path: cwd } = await tempFolder({ 'a.yaml': LIST, 'broken.yaml': 'a: [' })
    const { code, stdout, stderr } = await runCountersign(['import', ...args], { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect((await readdir(cwd)).sort()).toEqual(['a.yaml', 'broken.yaml'])
  })
})

describe('countersign import outbound-jwt', () => {
  const rule = {
    ...{ Label: 'CRM', Audience: 'crm' },
    'JWT Account': {
      ...{ Label: 'CRM', 'JWT Issuer': 'gateway', 'Token TTL': 300, 'Signing Algorithm': 'RS256' },
      'Signing Key': KEY,
    },
  }

  it.each([
    { rule, code: 0 },
    { rule: { ...rule, 'Expiration Epoch': 1 }, code: 1 },
  ])('ends with $code, and writes what `validate` accepts', async ({ rule, code }) => {
    const { path: cwd } = await tempFolder({ 'rule.json': JSON.stringify(rule) })
    const args = ['rule.json', '--out', 'out', '--upstream', 'http://127.0.0.1:9']
    const exit = await runCountersign(['import', 'outbound-jwt', ...args], { cwd })
    expect(exit.code, exit.stderr).toBe(code)
    expect(await filesIn(`${cwd}/out`)).toEqual([
      'countersign.yaml',
      'keys/crm.pem',
      'policies/crm.yaml',
    ])
    expect(exit.stdout + exit.stderr).not.toContain(KEY.slice(100, 140))
    expect((await runCountersign(['validate', 'out'], { cwd })).code).toBe(0)
  })
})
