import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemEnvironment } from 'countersign'
import { createGateway } from './gateway.ts'

const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const gateway = `http://127.0.0.1:${port}`

const upstream = await startUpstream()
// the key of this run is handed to countersign alone, and never written to disk
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const system = systemEnvironment()
server.on(
  'request',
  createGateway(upstream.url, {
    ...system,
    variable: (name) => (name === 'ORDERS_KEY' ? key : system.variable(name)),
  }),
)

process.once('SIGINT', stop)
process.once('SIGTERM', stop)
upstream.process.once('exit', stop)

console.log(`
Express gateway ${gateway}  →  upstream ${upstream.url}

  curl -s ${gateway}/orders/7 -H 'x-user: ann'    the upstream saw a token, and verified it
  curl -s ${gateway}/orders/7                     no user: refused; the log line says why
  curl -s ${gateway}/.well-known/jwks.json        the keys that verify

Ctrl-C stops both.
`)

/** An upstream in a process of its own, which verifies with the keys that the gateway shows. */
async function startUpstream() {
  const countersign = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))
  const keys = `${gateway}/.well-known/jwks.json`
  const child = spawn(
    process.execPath,
    [countersign, 'echo', '--listen', '127.0.0.1:0', '--jwks', keys],
    { stdio: ['ignore', 'inherit', 'pipe'] },
  )
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once('exit', () => reject(new Error('the upstream did not start')))
  createInterface(child.stderr).on('line', (line) => {
    const [, url] = /^echo upstream (http:\S+)/.exec(line) ?? []
    if (url) resolve(url)
  })
  return { process: child, url: await promise }
}

function stop(): void {
  upstream.process.kill()
  server.close()
  server.closeAllConnections()
}
