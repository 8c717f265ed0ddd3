import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { startTransit } from '../support/transit-stand-in.ts'

const policy = (index: number) => `name: p-${index}
match: { path: /p${index} }
jwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }
`
const hundred = Object.fromEntries(
  Array.from({ length: 100 }, (_, index) => [`policies/${index}.yaml`, policy(index)]),
)
const env = { KEY: hmacSecret() }

/** True when something accepts connections there. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A port that was free a moment ago. */
async function onceFree(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('a start', () => {
  it('R5 with one bad file among 100 names it, ends with 1, and never opens a listener', async () => {
    const [listen, management] = [await onceFree(), await onceFree()]
    const folder = await tempFolder({ ...hundred, 'policies/57.yaml': 'name: p-57\njwtt: {}\n' })
    const proxy = startCountersign(
      [
        'serve',
        ...['--policies', `${folder.path}/policies`, '--upstream', 'http://127.0.0.1:9'],
        ...['--listen', `127.0.0.1:${listen}`, '--management', `127.0.0.1:${management}`],
      ],
      { env },
    )
    let hasEnded = false
    proxy.exited.then(() => {
      hasEnded = true
    })
    while (!hasEnded) {
      expect([await accepts(listen), await accepts(management)]).toEqual([false, false])
      await wait(5)
    }
    const { code, stderr } = await proxy.exited
    expect(code).toBe(1)
    expect(stderr).toMatch(/57\.yaml:2:1: error\[schema\/unknown-key\]/)
    expect(stderr).not.toMatch(/\b56\.yaml/)
  })

  it('R6 is not ready before the last key has signed', async () => {
    const transit = await startTransit()
    transit.addKey('slow', 'ecdsa-p256')
    const { promise: signs, resolve: letSign } = Promise.withResolvers<void>()
    const slow = createServer(async (message, response) => {
      await signs
      const there = request(transit.address + message.url, {
        method: message.method ?? '',
        headers: message.headers,
      })
      message.pipe(there).once('response', (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      })
    })
    const address = `http://127.0.0.1:${await listening(slow)}`
    const management = await onceFree()
    const folder = await tempFolder({
      ...hundred,
      'policies/slow.yaml': `name: slow
jwt:
  signingMethod: ES256
  privateKey: { vaultTransit: { address: "${address}", key: slow, token: { env: TOKEN } } }
  exp: 300
inject: { name: x-slow }
`,
    })
    const proxy = startCountersign(
      [
        'serve',
        ...['--policies', `${folder.path}/policies`, '--upstream', 'http://127.0.0.1:9'],
        ...['--listen', '127.0.0.1:0', '--management', `127.0.0.1:${management}`],
      ],
      { env: { ...env, TOKEN: 's.first' } },
    )
    const ready = () =>
      fetch(`http://127.0.0.1:${management}/readyz`).then(
        ({ status }) => status,
        () => undefined,
      )
    await once(slow, 'request')
    for (let asked = 0; asked < 10; asked += 1) {
      expect(await ready()).not.toBe(200)
      await wait(20)
    }
    expect(transit.requests).toEqual([])
    letSign()
    await proxy.waitFor(/management/)
    await expect.poll(ready, { timeout: 5000 }).toBe(200)
    expect(transit.requests.some(({ path }) => path.includes('/sign/'))).toBe(true)
  })

  it('R20 with an upstream whose name is not known serves 502, and recovers when it is', async () => {
    const upstream = createServer((_request, response) => response.end('ok'))
    const port = await listening(upstream)
    const folder = await tempFolder({
      'p/a.yaml': policy(0),
      // a name service that knows the upstream only once the file is there
      'names.mjs': `import dns from 'node:dns'
import { existsSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const known = new URL('known', import.meta.url)
const { lookup } = dns
dns.lookup = (name, options, done) => {
  if (name !== 'orders.test') return lookup(name, options, done)
  const error = Object.assign(new Error('no such name'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
  if (!existsSync(known)) return process.nextTick(done, error)
  process.nextTick(() => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4))
}
syncBuiltinESMExports()
`,
    })
    const proxy = startCountersign(
      [
        'serve',
        ...['--policies', `${folder.path}/p`, '--upstream', `http://orders.test:${port}`],
        ...['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0'],
      ],
      { env: { ...env, NODE_OPTIONS: `--import ${folder.path}/names.mjs` } },
    )
    const [, url = ''] = await proxy.waitFor(/proxy +(http:\S+)/)
    const status = async () => (await fetch(new URL('/p0', url))).status
    expect([502, 503]).toContain(await status())
    await folder.write('known', '')
    await expect.poll(status, { timeout: 12_000, interval: 200 }).toBe(200)
  })
})
