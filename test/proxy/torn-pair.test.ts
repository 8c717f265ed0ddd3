import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { ecKeys } from '../support/keys.ts'
import { freePort, listening } from '../support/listening.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A volume as Kubernetes makes it: its file is a link through `..data`, which is swapped for another folder. */
function volume(root: string, file: string) {
  mkdirSync(root, { recursive: true })
  symlinkSync(`..data/${file}`, join(root, file))
  return (version: number, content: string) => {
    const next = `..v${version}-${Math.random()}`
    mkdirSync(join(root, next))
    writeFileSync(join(root, next, file), content)
    symlinkSync(next, join(root, '..data_next'))
    renameSync(join(root, '..data_next'), join(root, '..data'))
  }
}

const policy = (version: number, key: string) =>
  `name: orders\njwt: { signingMethod: ES256, ${key}, exp: 300, iss: v${version} }\n`
const jwk = (version: number) => ({
  ...ecKeys('P-256', `v${version}`).privateJwk,
  kid: `v${version}`,
})
const byName = (version: number) =>
  policy(version, `privateKey: { jwks: ../keys/keys.json, kid: v${version} }, kid: v${version}`)
const keySet = (...versions: number[]) => JSON.stringify({ keys: versions.map(jwk) })

/** A watching proxy with a policy in one volume and its key in another, both of version 1. */
async function start() {
  const { path } = await tempFolder()
  const swapPolicy = volume(join(path, 'policies'), 'orders.yaml')
  const swapKeys = volume(join(path, 'keys'), 'keys.json')
  swapPolicy(1, byName(1))
  swapKeys(1, keySet(1))
  const upstream = createServer(({ headers }, response) => {
    response.end(headers.authorization?.replace('Bearer ', ''))
  })
  const environment = systemEnvironment()
  const opened = await openGateway({
    policies: join(path, 'policies'),
    upstream: `http://127.0.0.1:${await listening(upstream)}`,
    environment,
    watch: true,
    observe: () => {},
  })
  const { gateway } = opened
  const proxy = createStandalone({ gateway, environment, observe: () => {} })
  const url = `http://127.0.0.1:${await freePort(proxy.server)}`
  onTestFinished(async () => {
    opened.close()
    proxy.server.closeAllConnections()
    await proxy.close()
  })
  return {
    swapPolicy,
    swapKeys,
    state: opened.state,
    /** Versions of the policy and of the key that a token is of. */
    async versions() {
      const token = await (await fetch(url)).text()
      return [decodeJwt(token).iss, decodeProtectedHeader(token).kid]
    },
  }
}

const pair = (version: number) => [`v${version}`, `v${version}`]

describe('a policy and its key in two volumes that are swapped apart', () => {
  it('T081 serve as the pair that they were until both are there, whichever comes first', async () => {
    const { swapPolicy, swapKeys, versions, state } = await start()
    expect(await versions()).toEqual(pair(1))

    swapPolicy(2, byName(2))
    await expect.poll(() => state().degraded, { timeout: 5000 }).toBe(true)
    expect(state().refusals?.join()).toMatch(/orders\.yaml:2:\d+: error\[key\//)
    expect(await versions()).toEqual(pair(1))
    swapKeys(2, keySet(2))
    await expect.poll(versions, { timeout: 5000 }).toEqual(pair(2))
    expect(state().degraded).toBe(false)

    swapKeys(3, keySet(3))
    await expect.poll(() => state().degraded, { timeout: 5000 }).toBe(true)
    expect(await versions()).toEqual(pair(2))
    swapPolicy(3, byName(3))
    await expect.poll(versions, { timeout: 5000 }).toEqual(pair(3))
  })

  it('are never seen torn through 40 swaps of either', async () => {
    const { swapPolicy, swapKeys, versions } = await start()
    const seen: (readonly unknown[])[] = []
    let isOver = false
    const client = async () => {
      while (!isOver) seen.push(await versions())
    }
    const clients = [client(), client()]
    for (let version = 2; version <= 41; version += 1) {
      swapKeys(version, keySet(version))
      await wait(version % 7)
      swapPolicy(version, byName(version))
      await wait(5)
    }
    await expect.poll(versions, { timeout: 10_000 }).toEqual(pair(41))
    isOver = true
    await Promise.all(clients)
    expect(seen.filter(([issuer, kid]) => issuer !== kid)).toEqual([])
  })
})

describe('a policy and its key in one volume', () => {
  it('R3 are never seen torn through 200 swaps that are 5 ms apart, and the last one serves', async () => {
    const { path } = await tempFolder()
    mkdirSync(join(path, 'policies'))
    const swap = (version: number) => {
      const folder = join(path, 'policies', `..v${version}`)
      mkdirSync(folder)
      writeFileSync(
        join(folder, 'orders.yaml'),
        policy(version, `privateKey: { file: key.pem }, kid: v${version}`),
      )
      writeFileSync(join(folder, 'key.pem'), ecKeys('P-256', `v${version}`).pkcs8)
      symlinkSync(`..v${version}`, join(path, 'policies/..data_next'))
      renameSync(join(path, 'policies/..data_next'), join(path, 'policies/..data'))
      rmSync(join(path, 'policies', `..v${version - 1}`), { recursive: true, force: true })
    }
    for (let version = 1; version <= 201; version += 1) ecKeys('P-256', `v${version}`)
    swap(1)
    for (const file of ['orders.yaml', 'key.pem']) {
      symlinkSync(`..data/${file}`, join(path, 'policies', file))
    }
    const told: boolean[] = []
    const opened = await openGateway({
      policies: join(path, 'policies'),
      upstream: 'http://127.0.0.1:9',
      environment: systemEnvironment(),
      watch: true,
      observe: (event) => {
        if (event.type === 'configuration') told.push(event.accepted)
      },
    })
    onTestFinished(opened.close)
    const served: unknown[] = []
    const look = () => {
      const [key] = opened.gateway.publicKeys
      served.push(key?.kid)
      const [{ x } = {}] = [ecKeys('P-256', String(key?.kid)).publicJwk]
      expect(key?.x).toBe(x)
      return key?.kid
    }
    for (let version = 2; version <= 201; version += 1) {
      swap(version)
      await wait(5)
      look()
    }
    await expect.poll(look, { timeout: 5000 }).toBe('v201')
    expect(told).not.toContain(false)
  })
})
