import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
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

/** The variables that the files name; made for this run, and never written to disk. */
const keys = {
  RSA_KEY: pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  EC_KEY: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  SHARED_SECRET: randomBytes(48).toString('base64url'),
}
const [rs256, hs256, es256] = await Promise.all(['rs256', 'hs256', 'es256'].map(serve))

console.log(`
Three files of a Flex gateway, unchanged, each in a countersign of its own:

  curl -s ${rs256}/orders                                  rs256.yaml
  curl -s -H 'x-user: ann' ${hs256}/orders                 hs256.yaml
  curl -s -H 'x-region: US' '${es256}/orders?trial=yes'    es256.yaml

The upstream answers with the token that it saw. Ctrl-C stops all.
`)

/** Runs one of the files before an upstream that verifies what it signs, and gives the URL of the proxy. */
async function serve(name: string): Promise<string> {
  const management = `127.0.0.1:${await freePort()}`
  const upstream = await start('echo upstream', [
    ...['echo', '--listen', '127.0.0.1:0'],
    ...['--jwks', `http://${management}/.well-known/jwks.json`],
  ])
  return await start('proxy', [
    ...['serve', '--policies', path(`${name}.yaml`), '--upstream', upstream],
    ...['--listen', '127.0.0.1:0', '--management', management],
  ])
}

/** Starts countersign, and gives the URL that it prints after `name`. When one ends, all end. */
async function start(name: string, args: string[]): Promise<string> {
  const child = spawn(process.execPath, [countersign, ...args], {
    env: { PATH: process.env.PATH, ...keys },
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
      const [, url] = new RegExp(`^${name}\\s+(http://\\S+?)/?$`).exec(line) ?? []
      if (url) resolve(url)
    })
  }
  return await promise
}

function stop(): void {
  stopping = true
  for (const child of children) child.kill()
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The upstream must know where the keys will be before the proxy knows where the upstream is. */
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
