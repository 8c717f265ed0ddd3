import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { type RunningProcess, runCountersign, startCountersign } from '../support/process.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { tempFolder } from '../support/temp-folder.ts'

const POLICY = `name: hello
jwt:
  signingMethod: HS256
  privateKey: { env: KEY }
  exp: 300
  iss: one
  sub: "#[attributes.headers.\`x-user\`]"
`
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const SECRET = hmacSecret()
const FREE = ['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0']

describe('a start that is refused', () => {
  it('ends with 1, every finding with line and caret, and no listener opened', async () => {
    const port = await usedPort()
    const folder = await tempFolder({
      'a.yaml': POLICY.replace('HS256', 'HS257').replace('exp: 300', 'expp: 300'),
      'b.yaml': POLICY.replace('iss: one', 'iss: "#[1 +]"'),
    })
    // had it tried to listen, the address that is taken would be what it says
    const { code, stdout, stderr } = await serve(folder.path, [
      '--listen',
      port,
      '--management',
      port,
    ])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /a\.yaml:3:18: error\[schema\/\S+\] .*\n +3 \| {3}signingMethod: HS257\n.*\^\^\^\^\^/,
    )
    expect(stderr).toMatch(/a\.yaml:5:3: error\[schema\/unknown-key\].*\n.*\n.*\^\^\^\^ .*exp/)
    expect(stderr).toMatch(/b\.yaml:6:\d+: error\[expr\/\S+\]/)
    expect(stderr).toContain('a restart will not help')
    expect(stderr).not.toContain('cannot listen')
  })

  it.each(['--listen', '--management', '--admin'])(
    'says that the port of %s is in use and that a restart will not help',
    async (flag) => {
      const port = await usedPort()
      const folder = await tempFolder({ 'a.yaml': POLICY })
      const { code, stderr } = await serve(folder.path, [...FREE, flag, port])
      expect(code).toBe(1)
      expect(stderr).toBe(
        `cannot listen on ${port}: the port is in use; choose another\n` +
          'not started: a restart will not help until this is put right\n',
      )
    },
  )

  it('names policies that are not there', async () => {
    const folder = await tempFolder()
    const { code, stderr } = await serve(`${folder.path}/none`, FREE)
    expect(code).toBe(1)
    expect(stderr).toMatch(/none: no such file or folder\nnot started: a restart will not help/)
  })

  it('takes a variable that is empty for one that is not set', async () => {
    const folder = await tempFolder()
    const { code, stderr } = await runCountersign(['serve'], {
      cwd: folder.path,
      env: { COUNTERSIGN_UPSTREAM: '', COUNTERSIGN_MANAGEMENT: '', COUNTERSIGN_LOG_LEVEL: '' },
    })
    expect(code).toBe(2)
    expect(stderr).toContain('give --upstream URL')
  })

  it('is a usage error when nothing says where to forward', async () => {
    const folder = await tempFolder()
    const { code, stderr } = await runCountersign(['serve'], { cwd: folder.path })
    expect(code).toBe(2)
    expect(stderr).toContain('give --upstream URL')
  })
})

describe('a proxy that serves', () => {
  it('reloads on SIGHUP and when a file changes, and keeps what served when a file is broken', async () => {
    const upstream = await recordingUpstream(OK)
    onTestFinished(upstream.close)
    const folder = await tempFolder({ 'hello.yaml': POLICY })
    const proxy = await started(folder.path, upstream.url)
    const issuer = async () => {
      expect((await fetch(proxy.url, { headers: { 'x-user': 'ann' } })).status).toBe(200)
      const [, token = ''] = /bearer (\S+)/i.exec(String(upstream.requests().at(-1)?.bytes)) ?? []
      const [, payload = ''] = token.split('.')
      return JSON.parse(Buffer.from(payload, 'base64url').toString()).iss
    }
    expect(await issuer()).toBe('one')

    proxy.signal('SIGHUP')
    await proxy.waitFor(/"generation":2.*configuration loaded/)

    await folder.write('hello.yaml', POLICY.replace('iss: one', 'iss: two'))
    await proxy.waitFor(/"generation":3.*configuration loaded/)
    expect(await issuer()).toBe('two')

    await folder.write('hello.yaml', POLICY.replace('iss: one', 'isss: three'))
    await proxy.waitFor(/hello\.yaml:6:3: error\[schema\/unknown-key\]/)
    await proxy.waitFor(/"generation":4.*configuration refused/)
    expect(await issuer()).toBe('two')
    const report = await (await fetch(new URL('/readyz?verbose', proxy.management))).json()
    expect(report).toMatchObject({ ready: true, degraded: true, generation: 3 })

    await folder.remove()
    proxy.signal('SIGHUP')
    await proxy.waitFor(/cannot read .*: no such file or folder/)
    expect(await issuer()).toBe('two')

    for (const line of proxy.stdout().trim().split('\n'))
      expect(JSON.parse(line)).toBeTypeOf('object')
    expect(proxy.stdout() + proxy.stderr()).not.toContain(SECRET)
  })

  it('drains on SIGTERM: not ready, the request under way ends, nothing new gets in, exit 0', async () => {
    const { promise: reply, resolve: answer } = Promise.withResolvers<string>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const upstream = await recordingUpstream(() => {
      arrive()
      return reply
    })
    onTestFinished(upstream.close)
    const folder = await tempFolder({ 'hello.yaml': POLICY })
    const proxy = await started(folder.path, upstream.url)
    const underWay = fetch(proxy.url, { headers: { 'x-user': 'ann' } })
    await arrived
    proxy.signal('SIGTERM')
    const ready = new URL('/readyz', proxy.management)
    await expect.poll(async () => (await fetch(ready)).status).toBe(503)
    await expect(fetch(new URL('/new', proxy.url))).rejects.toThrow()
    answer(OK)
    expect(await (await underWay).text()).toBe('ok')
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null })
    expect(proxy.stderr()).toMatch(/^stopped\n$(?![\s\S])/m)
  })

  it('ends at once and not with 0 on a second signal', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const upstream = await recordingUpstream(() => {
      arrive()
      return new Promise<undefined>(() => {})
    })
    onTestFinished(upstream.close)
    const folder = await tempFolder({ 'hello.yaml': POLICY })
    const proxy = await started(folder.path, upstream.url)
    fetch(proxy.url, { headers: { 'x-user': 'ann' } }).catch(() => {})
    await arrived
    proxy.signal('SIGTERM')
    const ready = new URL('/readyz', proxy.management)
    await expect.poll(async () => (await fetch(ready)).status).toBe(503)
    proxy.signal('SIGINT')
    expect((await proxy.exited).code).toBe(1)
  })

  it('goes on serving when nobody reads its output any more', async () => {
    const upstream = await recordingUpstream(OK)
    onTestFinished(upstream.close)
    const folder = await tempFolder({ 'hello.yaml': POLICY })
    const proxy = await started(folder.path, upstream.url)
    proxy.closeStdout()
    for (let count = 0; count < 3; count += 1) {
      expect((await fetch(proxy.url, { headers: { 'x-user': 'ann' } })).status).toBe(200)
    }
    proxy.signal('SIGTERM')
    expect((await proxy.exited).code).toBe(0)
  })

  it('is what a folder with a gateway file starts without a verb', async () => {
    const folder = await tempFolder({
      'countersign.yaml':
        'listen: 127.0.0.1:0\nmanagement: off\nroutes: [{ name: all, upstream: "http://127.0.0.1:9" }]\n',
      'policies/hello.yaml': POLICY,
    })
    const proxy = startCountersign([], { cwd: folder.path, env: { KEY: SECRET } })
    await proxy.waitFor(/proxy +http:\/\/127\.0\.0\.1:\d+/)
    expect(proxy.stderr()).not.toContain('management ')
    proxy.signal('SIGINT')
    expect((await proxy.exited).code).toBe(0)
  })
})

function serve(policies: string, flags: readonly string[]) {
  const args = ['serve', '--policies', policies, '--upstream', 'http://127.0.0.1:9', ...flags]
  return runCountersign(args, { env: { KEY: SECRET } })
}

async function started(
  policies: string,
  upstream: string,
): Promise<RunningProcess & { url: string; management: string }> {
  const { path } = await tempFolder({ 'countersign.yaml': 'shutdown: { drainDelay: 0s }\n' })
  const args = ['serve', '-c', path, '--policies', policies, '--upstream', upstream, ...FREE]
  const child = startCountersign(args, { env: { KEY: SECRET } })
  const [, management = ''] = await child.waitFor(/management +(http:\S+)/)
  const [, url = ''] = await child.waitFor(/proxy +(http:\S+)/)
  return { ...child, url, management }
}

async function usedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  return `127.0.0.1:${port}`
}
