import { execFile, execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openGateway } from '../../src/config/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { ecKeys } from '../support/keys.ts'
import { freePort, listening } from '../support/listening.ts'
import { tempFolder } from '../support/temp-folder.ts'

const policy = (issuer: string, key = 'a') => `name: orders
jwt:
  signingMethod: ES256
  privateKey: { file: ../keys/${key}.pem }
  kid: ${key}
  exp: 300
  iss: ${issuer}
`
const KEYS = Object.fromEntries(
  ['a', 'b'].map((name) => [`keys/${name}.pem`, ecKeys('P-256', name).pkcs8]),
)

/** A watching proxy; its upstream answers with the token that it got, to `/slow` only when it is let. */
async function start(text = policy('one')) {
  const folder = await tempFolder({ 'policies/orders.yaml': text, ...KEYS })
  const { promise: let1, resolve: letGo } = Promise.withResolvers<void>()
  const upstream = createServer(async ({ headers, url }, response) => {
    if (url === '/slow') await let1
    response.end(headers.authorization?.replace('Bearer ', ''))
  })
  const environment = systemEnvironment()
  const opened = await openGateway({
    policies: join(folder.path, 'policies'),
    upstream: `http://127.0.0.1:${await listening(upstream)}`,
    environment,
    watch: true,
    observe: () => {},
  })
  const proxy = createStandalone({ gateway: opened.gateway, environment, observe: () => {} })
  const url = `http://127.0.0.1:${await freePort(proxy.server)}`
  onTestFinished(async () => {
    opened.close()
    proxy.server.closeAllConnections()
    await proxy.close()
  })
  const token = async (path = '/') => (await fetch(url + path)).text()
  return {
    ...opened,
    letGo,
    token,
    file: join(folder.path, 'policies/orders.yaml'),
    beside: (name: string) => join(folder.path, name),
    issuer: async () => decodeJwt(await token()).iss,
  }
}

/** Milliseconds in which a change is seen, and read when it may be. */
const NOTICED = 400

describe('a policy file that is written', () => {
  type Write = (file: string, text: string, beside: string) => void | Promise<void>
  it.each<[string, Write]>([
    [
      'by renaming another',
      (file, text, beside) => {
        writeFileSync(beside, text)
        renameSync(beside, file)
      },
    ],
    [
      'by emptying it, and anew a while later',
      async (file, text) => {
        writeFileSync(file, '')
        await wait(NOTICED)
        writeFileSync(file, text)
      },
    ],
    [
      'by copying another',
      (file, text, beside) => {
        writeFileSync(beside, text)
        copyFileSync(beside, file)
      },
    ],
    ['by sed -i', (file) => void execFileSync('sed', ['-i', 's/iss: one/iss: two/', file])],
    [
      'by deleting it, and anew a while later',
      async (file, text) => {
        rmSync(file)
        await wait(NOTICED)
        writeFileSync(file, text)
      },
    ],
    [
      'in two halves',
      async (file, text) => {
        writeFileSync(file, text.slice(0, -6))
        await wait(NOTICED)
        appendFileSync(file, text.slice(-6))
      },
    ],
    [
      '1,000 times in a row',
      async (file, text) => {
        const loop = 'for n in $(seq 1000); do printf "%sn$n\\n" "$START" > "$FILE"; done'
        const env = { ...process.env, FILE: file, START: `${policy('').trimEnd()} ` }
        await promisify(execFile)('sh', ['-c', loop], { env })
        writeFileSync(file, text)
      },
    ],
  ])('R7 %s serves what it was until it is whole, then what it is', async (_how, write) => {
    const { file, beside, issuer } = await start()
    let isOver = false
    const seen = new Set<unknown>()
    const client = async () => {
      while (!isOver) {
        seen.add(await issuer())
        await wait(5)
      }
    }
    const asking = client()
    await write(file, policy('two'), beside('next'))
    await expect.poll(issuer, { timeout: 5000 }).toBe('two')
    isOver = true
    await asking
    expect([...seen].filter((issuer) => !/^(?:one|two|n\d+)$/.test(String(issuer)))).toEqual([])
  })

  it('R7 is not read again when only its time has changed', async () => {
    const { file, state, issuer } = await start()
    utimesSync(file, 1, 1)
    execFileSync('touch', [file])
    await wait(NOTICED)
    expect([await issuer(), state().generation]).toEqual(['one', 1])
  })

  it('R2 serves within a second when it was renamed into place', async () => {
    const { file, beside, issuer } = await start()
    writeFileSync(beside('next'), policy('two'))
    renameSync(beside('next'), file)
    await expect.poll(issuer, { timeout: 5000, interval: 20 }).toBe('two')
  })
})

describe('a policy file that is cut', () => {
  const whole = policy('one')
  const next = policy('second')

  it('T081 at any byte is refused while its end is missing, or serves what it was', async () => {
    const { file, reload, issuer } = await start(whole)
    const cuts = fc.integer({ min: 0, max: next.length - 1 })
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const half = next.slice(0, at)
        writeFileSync(file, half)
        const accepted = await reload()
        // a cut behind a whole line is a policy of its own: of the few that are one, none has an issuer
        const served = await issuer()
        const isLine = half.endsWith('\n')
        expect(accepted === false || isLine, half).toBe(true)
        if (!accepted) expect([undefined, 'one']).toContain(served)
        writeFileSync(file, whole)
        expect(await reload()).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('T081 at any byte is refused when files end with the document end marker', async () => {
    const { file, reload, issuer } = await start(`${whole}...\n`)
    for (let at = 0; at < next.length; at += 7) {
      writeFileSync(file, next.slice(0, at))
      expect(await reload(), next.slice(0, at)).toBe(false)
      expect(await issuer()).toBe('one')
    }
  })

  it('T081 at any byte for a moment is never seen', async () => {
    const { file, reload, issuer } = await start(whole)
    for (let at = 1; at < next.length; at += 29) {
      writeFileSync(file, next.slice(0, at))
      const reading = reload()
      await wait(20)
      appendFileSync(file, next.slice(at))
      await reading
      expect(await issuer()).toBe('second')
      writeFileSync(file, whole)
      expect(await reload()).toBe(true)
    }
  })
})

describe('a reload', () => {
  it('R9 lets each request under way end with the token of its own generation', async () => {
    const { file, reload, token, letGo } = await start()
    const underWay: Promise<string>[] = []
    for (let generation = 1; generation <= 20; generation += 1) {
      writeFileSync(file, policy(`g${generation}`))
      expect(await reload()).toBe(true)
      for (let count = 0; count < 5; count += 1) underWay.push(token('/slow'))
      await expect.poll(() => token().then((text) => decodeJwt(text).iss)).toBe(`g${generation}`)
    }
    letGo()
    const issuers = (await Promise.all(underWay)).map((text) => decodeJwt(text).iss)
    expect(issuers).toEqual(underWay.map((_, index) => `g${Math.floor(index / 5) + 1}`))
  })

  it('R10 T111 uses no token of a key that was removed, nor of a policy that was changed', async () => {
    const { file, reload, token } = await start()
    const before = await token()
    expect(await token()).toBe(before)
    writeFileSync(file, policy('one', 'b'))
    expect(await reload()).toBe(true)
    const after = await token()
    expect(decodeProtectedHeader(after).kid).toBe('b')
    writeFileSync(file, policy('two', 'b'))
    expect(await reload()).toBe(true)
    expect(decodeJwt(await token()).iss).toBe('two')
    for (let count = 0; count < 20; count += 1) expect([before, after]).not.toContain(await token())
  })
})
