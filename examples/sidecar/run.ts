import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const countersign = path('../../bin/countersign.js')
const children: ChildProcess[] = []
let stopping = false

process.once('SIGINT', stop)
process.once('SIGTERM', stop)

const management = `127.0.0.1:${await freePort()}`
const upstream = await start('echo upstream', [
  countersign,
  'echo',
  ...['--listen', '127.0.0.1:0'],
  ...['--jwks', `http://${management}/.well-known/jwks.json`],
])
const sidecar = await start(
  'proxy',
  [
    countersign,
    'serve',
    ...['--policies', path('policy.yaml')],
    ...['--upstream', upstream],
    ...['--listen', '127.0.0.1:0'],
    ...['--management', management],
  ],
  { ORDERS_KEY: newKey() },
)
const application = await start('application', [path('application.ts')], { ORDERS_URL: sidecar })

console.log(`
Three processes: application ${application}  →  countersign ${sidecar}  →  upstream ${upstream}

  curl -s '${application}?user=ann'    the upstream saw a token, and verified it
  curl -s '${application}'             no user: refused by countersign; the log line says why

Ctrl-C stops all three.
`)

/** Starts a process, and gives the URL that it prints after `name`. When one ends, all end. */
async function start(name: string, args: string[], variables = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  child.once('exit', () => {
    if (!stopping) {
      console.error(`${name} ended`)
      process.exitCode = 1
      stop()
    }
    if (children.every(({ exitCode, signalCode }) => (exitCode ?? signalCode) !== null)) {
      process.exit()
    }
  })
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      console.log(line)
      const [, url] = new RegExp(`^${name}\\s+(http://\\S+)`).exec(line) ?? []
      if (url) resolve(url)
    })
  }
  return await promise
}

function stop(): void {
  stopping = true
  for (const child of children) child.kill()
}

/** A signing key of this run: only the sidecar gets it, and it is never written to disk. */
function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The upstream must know where the keys will be before the sidecar knows where the upstream is. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function path(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
