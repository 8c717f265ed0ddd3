import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../src/environment.ts'
import { ecKeys } from '../support/keys.ts'
import { listening } from '../support/listening.ts'
import { startProxy } from '../support/proxy.ts'

const pem = (name: string) => ecKeys('P-256', name).pkcs8
const signWith = (keys: string) =>
  `name: orders\njwt:\n  signingMethod: ES256\n  ${keys}\n  exp: 300\n  sub: ann\n`

/** A proxy whose upstream answers with the token that it got, and a clock that can be put forward. */
async function start(policy: string, files: Record<string, string>) {
  const upstream = createServer(({ headers }, response) => {
    response.end(headers.authorization?.replace('Bearer ', ''))
  })
  const system = systemEnvironment()
  let ahead = 0
  const proxy = await startProxy({
    policies: policy,
    upstream: `http://127.0.0.1:${await listening(upstream)}`,
    files,
    environment: { ...system, monotonic: () => system.monotonic() + ahead },
  })
  return {
    /** Writes a file below the policies and reads them again; false when that was refused. */
    async change(name: string, content: string) {
      await writeFile(join(proxy.folder, name), content)
      return proxy.reload()
    },
    pass(milliseconds: number) {
      ahead += milliseconds
    },
    async request() {
      const answer = await fetch(proxy.url)
      return { status: answer.status, token: await answer.text() }
    },
    async served() {
      const answer = await fetch(`${proxy.managementUrl}/.well-known/jwks.json`)
      return (await answer.json()) as JSONWebKeySet
    },
  }
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid
const kidsOf = ({ keys }: JSONWebKeySet) => keys.map(({ kid }) => kid)
const verifies = (token: string, set: JSONWebKeySet) =>
  jwtVerify(token, createLocalJWKSet(set)).then(
    () => true,
    () => false,
  )

describe('a key file that is replaced', () => {
  const policy = signWith('privateKey: { file: ../orders.pem }')
  const GENERATIONS = 4
  const OVERLAP = 600_000

  it('under load fails no request, and no token is signed by an earlier key once it is read', async () => {
    const { change, pass, request, served } = await start(policy, { 'orders.pem': pem('0') })
    const first = await served()
    let read = 0
    let isOver = false
    const results: { generation: number; status: number; token: string; set: JSONWebKeySet }[] = []
    const client = async () => {
      while (!isOver) {
        const generation = read
        results.push({ generation, ...(await request()), set: await served() })
      }
    }
    const clients = Array.from({ length: 8 }, client)
    for (let generation = 1; generation < GENERATIONS; generation += 1) {
      await wait(50)
      expect(await change('../orders.pem', pem(String(generation)))).toBe(true)
      read = generation
    }
    await wait(50)
    isOver = true
    await Promise.all(clients)

    const last = await served()
    const kids = kidsOf(last).reverse()
    expect(new Set(kids).size).toBe(GENERATIONS)
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 200))
    expect(new Set(results.map(({ token }) => kidOf(token)))).toEqual(new Set(kids))
    for (const { generation, token, set } of results) {
      expect(kids.indexOf(kidOf(token))).toBeGreaterThanOrEqual(generation)
      expect([await verifies(token, set), await verifies(token, last)]).toEqual([true, true])
      expect(await verifies(token, first)).toBe(kidOf(token) === kids[0])
    }

    pass(OVERLAP)
    expect(kidsOf(await served())).toEqual(kids.slice(-1))
  })

  it('by one that is broken leaves the key in use, and its place in the set', async () => {
    const { change, request, served } = await start(policy, { 'orders.pem': pem('0') })
    const before = await request()
    expect(await change('../orders.pem', pem('1').slice(0, -40))).toBe(false)
    const { status, token } = await request()
    expect([status, kidOf(token)]).toEqual([200, kidOf(before.token)])
    expect(kidsOf(await served())).toEqual([kidOf(token)])
  })
})

describe('keys that move from next to sign to retired', () => {
  const FILES = { 'a.pem': pem('a'), 'b.pem': pem('b') }
  const list = (...uses: string[]) => {
    const entries = uses.map((entry) => {
      const [kid, use] = entry.split(' ')
      return `{ use: ${use}, kid: ${kid}, privateKey: { file: ../${kid}.pem } }`
    })
    return signWith(`keys: [${entries.join(', ')}]`)
  }

  it('T094 are known to verifiers before they sign and as long as their tokens live', async () => {
    const { change, pass, request, served } = await start(list('a sign', 'b next'), FILES)
    const prepared = await served()
    const byA = await request()
    expect([kidsOf(prepared), kidOf(byA.token)]).toEqual([['a', 'b'], 'a'])

    expect(await change('0.yaml', list('a retired', 'b sign'))).toBe(true)
    const swapped = await served()
    const byB = await request()
    expect([kidsOf(swapped), kidOf(byB.token)]).toEqual([['b', 'a'], 'b'])
    expect(await verifies(byB.token, prepared)).toBe(true)
    expect(await verifies(byA.token, swapped)).toBe(true)

    pass(10 * 600_000)
    expect(kidsOf(await served())).toEqual(['b', 'a'])
    expect(await change('0.yaml', list('b sign'))).toBe(true)
    expect(kidsOf(await served())).toEqual(['b', 'a'])
    pass(600_000)
    expect(kidsOf(await served())).toEqual(['b'])
    expect(kidOf((await request()).token)).toBe('b')
  })
})
