import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { demoCommand } from '../../src/cli/demo.ts'
import { echoCommand } from '../../src/cli/echo.ts'
import { healthCommand } from '../../src/cli/health.ts'
import { importCommand } from '../../src/cli/import.ts'
import { keygenCommand } from '../../src/cli/keygen.ts'
import { reloadCommand } from '../../src/cli/reload.ts'
import { schemaCommand } from '../../src/cli/schema.ts'
import { serveCommand } from '../../src/cli/serve.ts'
import { validateCommand } from '../../src/cli/validate.ts'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { runCountersign, startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const CLEAN = `name: hello
jwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }
`
const WARNED = CLEAN.replace('{ env: KEY }', 'short, allowWeakKey: true')
const DISABLED = CLEAN.replace('hello', 'a').concat('enabled: false\n')

describe('the command line', () => {
  it('says that passwords need a library which node must not keep from loading', async () => {
    const { path } = await tempFolder({
      'countersign.yaml': 'authenticators: { a: { basic: { htpasswd: users } } }\n',
      users: '',
    })
    const script = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))
    const { code, stdout } = await runCountersign(['validate', path], {
      command: [process.execPath, '--permission', '--allow-fs-read=*', script],
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(/error\[authenticator\/bcrypt\].*--allow-addons/s)
  })

  it('lists every verb on one screen', async () => {
    const { code, stdout } = await runCountersign(['--help'])
    expect(code).toBe(0)
    expectOneScreen(stdout)
    const verbs = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb)
    expect(verbs).toEqual([
      'serve',
      'demo',
      'validate',
      'schema',
      'keygen',
      'import',
      'health',
      'reload',
      'echo',
    ])
  })

  const commands = [
    serveCommand(),
    demoCommand(),
    validateCommand(),
    schemaCommand(),
    keygenCommand(),
    importCommand(),
    ...importCommand().commands,
    healthCommand(),
    reloadCommand(),
    echoCommand(),
  ].map((command) => ({ verb: command.name(), command }))
  it.each(commands)('shows help for $verb on one screen, with every twin', ({ command }) => {
    const help = command.helpInformation()
    expectOneScreen(help)
    const flags = help.matchAll(/^ {2}(?:-\w, )?--(?!help)\S+/gm)
    expect(help.match(/COUNTERSIGN_[A-Z_]+/g) ?? []).toHaveLength([...flags].length)
  })

  it.each([
    { args: ['srve'], says: 'Did you mean serve?' },
    { args: ['serve', '--lisen', 'x'], says: 'Did you mean --listen?' },
    { args: ['serve', '--listen', 'nowhere'], says: 'expected HOST:PORT' },
    { args: ['serve', 'now'], says: 'too many arguments' },
    { args: ['validate'], says: "missing required argument 'path'" },
    { args: ['schema', 'polcy'], says: 'expected policy or gateway' },
    { args: ['echo', '--jwks', 'file:///keys'], says: 'expected an http(s) URL' },
    { args: [], says: 'Usage: countersign' },
  ])('ends $args with 2 and says "$says"', async ({ args, says }) => {
    const { code, stdout, stderr } = await runCountersign(args, { cwd: (await tempFolder()).path })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
  })

  it('names the variable whose value is wrong', async () => {
    const env = { COUNTERSIGN_LISTEN: 'nowhere' }
    const { code, stderr } = await runCountersign(['serve'], { env })
    expect(code).toBe(2)
    expect(stderr).toMatch(/COUNTERSIGN_LISTEN.*expected HOST:PORT/)
  })

  it('prints its version', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    const { code, stdout } = await runCountersign(['--version'])
    expect({ code, stdout: stdout.trim() }).toEqual({
      code: 0,
      stdout: JSON.parse(manifest).version,
    })
  })
})

function expectOneScreen(help: string): void {
  const lines = help.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(24)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
}

describe('validate', () => {
  it.each([
    { name: 'a clean file', files: { 'a.yaml': CLEAN }, code: 0, finding: /^$/ },
    {
      name: 'a file with a warning',
      files: { 'a.yaml': WARNED },
      code: 0,
      finding: /a.yaml:2:.*: warning/,
    },
    {
      name: 'a folder with errors in two files',
      files: { 'a.yaml': `${CLEAN}mach: {}\n`, 'b.yml': 'name: [' },
      code: 1,
      finding: /a\.yaml:3:1: error\[schema\/unknown-key\][\s\S]*b\.yml:1:\d+: error/,
    },
    {
      name: 'a gateway file and its policies',
      files: {
        'countersign.yaml': 'routes: [{ name: all, upstream: "http://a.test" }]\n',
        'policies/a.yaml': `${CLEAN}mach: {}\n`,
      },
      code: 1,
      finding: /policies\/a\.yaml:3:1: error\[schema\/unknown-key\]/,
    },
  ])('ends with $code for $name', async ({ files, code, finding }) => {
    const folder = await tempFolder(files as Record<string, string>)
    const exit = await runCountersign(['validate', folder.path], { env: { KEY: hmacSecret() } })
    expect(exit.code, exit.stdout).toBe(code)
    expect(exit.stdout).toMatch(finding)
    expect(exit.stderr).toMatch(/^\d+ errors?, \d+ /)
  })

  it('knows a gateway file of any name by its keys', async () => {
    const folder = await tempFolder({
      'gw.yaml': 'routes: [{ name: all, upstream: "http://a.test" }]\n',
      'policies/a.yaml': `${CLEAN}mach: {}\n`,
    })
    const { code, stdout } = await runCountersign(['validate', `${folder.path}/gw.yaml`])
    expect(code).toBe(1)
    expect(stdout).toMatch(/policies\/a\.yaml:3:1: error\[schema\/unknown-key\]/)
    expect(stdout).not.toContain('gw.yaml:')
  })

  it.each([
    ['one disabled policy', [DISABLED], /, 1 disabled policy$/m],
    ['two', [DISABLED, DISABLED.replace('name: a', 'name: b')], /, 2 disabled policies$/m],
    ['none', [CLEAN], /notices$/m],
  ])('counts %s', async (_what, texts, counted) => {
    const folder = await tempFolder({ 'a.yaml': texts.join('---\n') })
    const { code, stderr } = await runCountersign(['validate', folder.path], {
      env: { KEY: hmacSecret() },
    })
    expect(code).toBe(0)
    expect(stderr).toMatch(counted)
  })

  it('ends with 2 when it could not look', async () => {
    const { code, stdout, stderr } = await runCountersign(['validate', 'there/is/no.yaml'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('no such file or folder')
  })

  it('prints findings as JSON when asked to, by flag or environment', async () => {
    const folder = await tempFolder({ 'a.yaml': 'name: a\nmach: {}\n' })
    const path = `${folder.path}/a.yaml`
    const [flag, env] = await Promise.all([
      runCountersign(['validate', '--format', 'json', path]),
      runCountersign(['validate', path], { env: { COUNTERSIGN_FORMAT: 'json' } }),
    ])
    expect(flag.stdout).toBe(env.stdout)
    expect(JSON.parse(flag.stdout)).toContainEqual(
      expect.objectContaining({ file: path, line: 2, column: 1, rule: 'schema/unknown-key' }),
    )
  })
})

describe('schema', () => {
  it('prints the JSON Schema of policy files, and of the gateway file', async () => {
    const [policy, gateway] = await Promise.all([
      runCountersign(['schema']),
      runCountersign(['schema', 'gateway']),
    ])
    expect(JSON.parse(policy.stdout)).toMatchObject({ title: 'countersign policy file' })
    expect(JSON.parse(gateway.stdout).properties).toHaveProperty('routes')
  })
})

it('does not mind a reader that has gone away', async () => {
  const schema = startCountersign(['schema'])
  schema.closeStdout()
  expect(await schema.exited).toMatchObject({ code: 0, stderr: '' })
})

describe('echo', () => {
  it('answers with what it saw until it is told to stop', async () => {
    const echo = startCountersign(['echo'], { env: { COUNTERSIGN_LISTEN: '127.0.0.1:0' } })
    const [, url = ''] = await echo.waitFor(/echo upstream (http:\S+)/)
    expect(await (await fetch(url)).json()).toMatchObject({ request: 'GET / HTTP/1.1' })
    echo.signal('SIGTERM')
    expect(await echo.exited).toMatchObject({ code: 0, stdout: '' })
  })
})

describe('health', () => {
  it.each([
    { status: 200, code: 0 },
    { status: 503, code: 1 },
    { status: 302, code: 1 },
  ])('ends with $code when the answer is $status', async ({ status, code }) => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404, { location: '/' }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    // where the instance listens is what the same variable told it
    const env = { COUNTERSIGN_MANAGEMENT: `0.0.0.0:${port}` }
    expect((await runCountersign(['health'], { env })).code).toBe(code)
  })

  it.each([
    ['--url', 'http://127.0.0.1:9/readyz'],
    ['--management', 'off'],
  ])('ends with 1 for %s %s, where nothing answers', async (...flag) => {
    const { code, stderr } = await runCountersign(['health', ...flag])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^(?:no answer from|nothing to ask)/)
  })
})

describe('reload', () => {
  it.each([
    { status: 204, code: 0, says: 'reloaded' },
    { status: 409, code: 1, says: 'p.yaml:1:1: error[schema/required] no' },
    { status: 500, code: 2, says: 'expected 204 or 409' },
  ])('ends with $code when the answer is $status', async ({ status, code, says }) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(status).end(status === 409 ? `${says}\n` : '')
    })
    const url = `http://127.0.0.1:${await listening(server)}`
    const exit = await runCountersign(['reload'], { env: { COUNTERSIGN_SERVER: url } })
    expect(exit.code).toBe(code)
    expect(exit.stdout + exit.stderr).toContain(says)
    expect(asked).toEqual(['POST /-/reload'])
  })

  it.each(['http://127.0.0.1:9', 'nowhere'])('ends with 2 for --server %s', async (server) => {
    const { code, stderr } = await runCountersign(['reload', '--server', server])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^(?:no answer from|expected a URL)/)
  })
})
