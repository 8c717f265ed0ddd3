import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, symlink } from 'node:fs/promises'
import { Agent, createServer, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { IMAGE_FLAGS } from '../../bench/image-flags.ts'
import { hmacSecret } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { type TempFolder, tempFolder } from '../support/temp-folder.ts'

// What is measured is the package as it is installed: what was built, without sources, started as the image does it.

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const POLICY = `name: a
jwt:
  signingMethod: HS256
  privateKey: { env: KEY }
  exp: 300
  sub: "#[attributes.method]"
`

const LIVE_MEMORY = path('../support/live-memory.mjs')

/** A folder with the package and files for it, in front of an upstream. */
async function installed(): Promise<TempFolder> {
  const upstream = createServer((_request, response) => response.end('ok'))
  const port = await listening(upstream)
  const folder = await tempFolder({
    'policies/a.yaml': POLICY,
    'countersign.yaml': `routes: [{ name: all, upstream: "http://127.0.0.1:${port}" }]`,
    'plain.cjs': `const server = require('node:http').createServer((_request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', () => console.error('proxy http://127.0.0.1:' + server.address().port))
`,
  })
  for (const name of ['bin', 'dist', 'package.json']) {
    await cp(path(`../../${name}`), `${folder.path}/${name}`, { recursive: true })
  }
  await symlink(path('../../node_modules'), `${folder.path}/node_modules`)
  return folder
}

/** A program that serves. */
interface Started {
  readonly child: ChildProcess
  readonly url: string
}

/** Starts a program, and waits until it tells where it listens. */
async function start(cwd: string, args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [...IMAGE_FLAGS, ...args], {
    cwd,
    env: { PATH: process.env.PATH, KEY: hmacSecret() },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for await (const part of child.stderr ?? []) {
    text += part
    const [, url] = /proxy +(http:\S+)\n/.exec(text) ?? []
    if (url !== undefined) return { child, url }
  }
  throw new Error(text)
}

const SERVE = [
  ...['bin/countersign.js', 'serve', '--log-level', 'warn'],
  ...['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0'],
]

/** The status of one answer, read to its end. */
async function ask(url: string, agent?: Agent): Promise<number | undefined> {
  const [response] = await once(get(url, agent ? { agent } : {}), 'response')
  await once(response.resume(), 'end')
  return response.statusCode
}

function residentMebibytes({ pid }: ChildProcess): number {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}

it('serves its first request within 450 ms of its start', async () => {
  const { path: cwd } = await installed()
  const times: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const before = performance.now()
    const { child, url } = await start(cwd, SERVE)
    expect(await ask(url)).toBe(200)
    times.push(performance.now() - before)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  expect(times.toSorted((a, b) => a - b)[4]).toBeLessThan(450)
})

it.skipIf(process.platform !== 'linux')(
  'takes less than 110 MiB while 64 connections ask, and no more as time goes by',
  async () => {
    const { path: cwd } = await installed()
    const { child, url } = await start(cwd, SERVE)
    const agent = new Agent({ keepAlive: true, maxSockets: 64 })
    onTestFinished(() => agent.destroy())
    const sizes: number[] = []
    let asked = 0
    const client = async () => {
      while (asked < 60_000) {
        asked += 1
        if (asked % 1000 === 0) sizes.push(residentMebibytes(child))
        expect(await ask(url, agent)).toBe(200)
      }
    }
    await Promise.all(Array.from({ length: 64 }, client))
    expect(Math.max(...sizes)).toBeLessThan(110)
    const [middle, last] = [sizes.slice(20, 40), sizes.slice(40)]
    expect(Math.max(...last) - Math.max(...middle)).toBeLessThan(5)
  },
)

const CONNECTIONS = 1000

/** Bytes that a connection takes which has had one answer and is idle now. */
async function bytesPerConnection(cwd: string, args: readonly string[]): Promise<number> {
  const { child, url } = await start(cwd, ['--import', LIVE_MEMORY, ...args])
  const live = async () => {
    child.send('live')
    const [bytes] = await once(child, 'message')
    return bytes as number
  }
  // what is compiled on the way is no connection's
  for (let round = 0; round < 4; round += 1) {
    for (const socket of await idle(url)) socket.destroy()
    await wait(500)
  }
  const before = await live()
  const sockets = await idle(url)
  await wait(1000)
  const after = await live()
  for (const socket of sockets) socket.destroy()
  return (after - before) / CONNECTIONS
}

/** Connections that have been answered once. */
async function idle(url: string): Promise<readonly Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < CONNECTIONS) {
    const few = Array.from({ length: 50 }, async () => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      const [answer] = await once(socket, 'data')
      expect(String(answer)).toMatch(/^HTTP\/1.1 200 /)
      return socket
    })
    sockets.push(...(await Promise.all(few)))
  }
  return sockets
}

it('keeps less than 1 KiB for an idle connection beyond what Node keeps', async () => {
  const { path: cwd } = await installed()
  const [ours, nodes] = [
    await bytesPerConnection(cwd, SERVE),
    await bytesPerConnection(cwd, ['plain.cjs']),
  ]
  expect(ours - nodes).toBeLessThan(1024)
})
