import { readdirSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Compiled } from '../../../src/compiled.ts'
import { ConfigurationError } from '../../../src/config/configuration-error.ts'
import { openGateway } from '../../../src/config/open.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import type { ConfigurationEvent } from '../../../src/observe.ts'
import type { Policy } from '../../../src/policy.ts'
import { canMakeCertificates, makeCertificate } from '../../support/certificate.ts'
import { hmacSecret } from '../../support/keys.ts'
import { requestContext, requestHead } from '../../support/request-context.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const secret = hmacSecret()
const environment = { ...systemEnvironment(), variable: () => secret }
const policy = (name: string, sub = 'a') =>
  `name: ${name}\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300, sub: ${sub} }\ninject: { overwrite: always }\n`

async function open(text: string, watch = false) {
  const folder = await tempFolder({ 'p.yaml': text })
  const events: ConfigurationEvent[] = []
  const opened = await openGateway({
    policies: folder.path,
    upstream: 'http://127.0.0.1:9000',
    environment,
    watch,
    observe: (event) => {
      if (event.type === 'configuration') events.push(event)
    },
  })
  onTestFinished(opened.close)
  const names = () => opened.gateway.compiled.policies.map(({ name }) => name)
  return { ...opened, folder, events, names }
}

describe('an open gateway', () => {
  it('serves the policies and tells so', async () => {
    const { names, events } = await open(policy('a'))
    expect(names()).toEqual(['a'])
    expect(events).toEqual([
      {
        type: 'configuration',
        accepted: true,
        generation: 1,
        policies: 1,
        disabled: 0,
        findings: [],
      },
    ])
  })

  it('rejects with every diagnostic when the files hold errors', async () => {
    const error = await open('name: A\nfoo: 1\n').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigurationError)
    const { diagnostics, message } = error as ConfigurationError
    expect(diagnostics.map(({ rule }) => rule)).toEqual([
      'schema/required',
      'schema/value',
      'schema/unknown-key',
    ])
    expect(message).toMatch(/p\.yaml:1:7: error\[schema\/value\]/)
  })

  it('serves the new files after a reload, and issues new tokens', async () => {
    const { gateway, folder, names, reload, state } = await open(policy('a'))
    const issue = async () => {
      const [first] = gateway.match(requestHead())?.policies ?? []
      return (await first!.entry.evaluate(requestContext())).trace?.cache
    }
    expect([await issue(), await issue()]).toEqual(['miss', 'hit'])
    await folder.write('p.yaml', policy('b'))
    expect(await reload()).toBe(true)
    expect(state()).toMatchObject({ generation: 2, degraded: false })
    expect([names(), await issue()]).toEqual([['b'], 'miss'])
  })

  it('goes on serving when the new files hold an error or are gone, and tells', async () => {
    const { folder, names, events, reload, state } = await open(policy('a'))
    await folder.write('p.yaml', 'name: a\n')
    expect(await reload()).toBe(false)
    await rm(folder.path, { recursive: true })
    expect(await reload()).toBe(false)
    expect(names()).toEqual(['a'])
    expect(state()).toMatchObject({ generation: 1, degraded: true })
    expect(events.map(({ accepted, generation }) => [accepted, generation])).toEqual([
      [true, 1],
      [false, 2],
      [false, 3],
    ])
    expect(events[1]?.findings).toMatchObject([
      { severity: 'error', text: expect.stringMatching(/p\.yaml:1:1: error\[schema\/required\]/) },
    ])
    expect(events[2]?.findings[0]?.text).toMatch(/no such file or folder/)
  })

  it.each([
    ['emptied', ''],
    ['left with a comment', '# to be written\n'],
  ])('refuses a file that was %s, and serves what it held', async (_what, text) => {
    const { folder, names, events, reload, state } = await open(policy('a'))
    await folder.write('q.yaml', policy('b'))
    expect(await reload()).toBe(true)
    await folder.write('p.yaml', text)
    expect(await reload()).toBe(false)
    expect([names(), state().degraded]).toEqual([['a', 'b'], true])
    expect(events.at(-1)).toMatchObject({
      accepted: false,
      findings: [
        { severity: 'error', text: expect.stringMatching(/p\.yaml:1:1: error\[yaml\/empty\]/) },
      ],
    })
    await rm(join(folder.path, 'p.yaml'))
    expect(await reload()).toBe(true)
    expect([names(), state().degraded]).toEqual([['b'], false])
  })

  it('refuses to be left without any policy, but not to have all disabled', async () => {
    const { folder, names, events, reload } = await open(policy('a'))
    await rm(join(folder.path, 'p.yaml'))
    expect(await reload()).toBe(false)
    expect(names()).toEqual(['a'])
    expect(events.at(-1)?.findings).toEqual([
      { severity: 'error', text: expect.stringContaining('error[policy/none]') },
    ])
    await folder.write('p.yaml', `${policy('a')}enabled: false\n`)
    expect(await reload()).toBe(true)
    expect(names()).toEqual([])
  })

  it.each([
    ['a line break', policy('a'), policy('a', 'ann').slice(0, -1)],
    ['the marker that it ended with', `${policy('a')}...\n`, policy('a', 'ann')],
  ])('T081 refuses a file without %s, as it may be half written', async (_what, whole, half) => {
    const { folder, names, events, reload, state } = await open(whole)
    await folder.write('p.yaml', half)
    expect(await reload()).toBe(false)
    expect([names(), state().degraded]).toEqual([['a'], true])
    expect(state().refusals).toEqual([expect.stringMatching(/p\.yaml:3:1: error\[file\/cut\]/)])
    expect(events.at(-1)?.findings.map(({ text }) => text)).toEqual(state().refusals)
    await folder.write('p.yaml', whole.replace('sub: a', 'sub: ann'))
    expect(await reload()).toBe(true)
    expect(state()).toMatchObject({ degraded: false, refusals: [] })
  })

  it('R4 says for how long the generation has served that serves', async () => {
    let time = 5000
    const folder = await tempFolder({ 'p.yaml': policy('a') })
    const opened = await openGateway({
      policies: folder.path,
      upstream: 'http://127.0.0.1:9000',
      environment: { ...environment, monotonic: () => time },
      observe: () => undefined,
    })
    onTestFinished(opened.close)
    time += 61_000
    expect(opened.state()).toMatchObject({ generation: 1, age: 61_000, degraded: false })
    await folder.write('p.yaml', 'name: a\n')
    await opened.reload()
    expect(opened.state()).toMatchObject({ generation: 1, age: 61_000, degraded: true })
  })

  it.skipIf(process.platform !== 'linux')(
    'R8 leaves no descriptor open by 200 reloads',
    async () => {
      const { folder, reload } = await open(policy('a'), true)
      await folder.write('p.yaml', policy('b'))
      expect(await reload()).toBe(true)
      const before = readdirSync('/proc/self/fd').length
      for (let count = 0; count < 200; count += 1) expect(await reload()).toBe(true)
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before)
    },
  )

  it('ends with the newest files when reloads overlap', async () => {
    const { folder, names, events, reload } = await open(policy('a'))
    await folder.write('p.yaml', policy('b'))
    const first = reload()
    await folder.write('p.yaml', policy('c'))
    await Promise.all([first, reload()])
    expect(names()).toEqual(['c'])
    expect(events.map(({ generation }) => generation)).toEqual([1, 2, 3])
  })

  it('notices a change by itself when it watches', async () => {
    const { folder, names } = await open(policy('a'), true)
    await folder.write('p.yaml', policy('b'))
    await vi.waitFor(() => expect(names()).toEqual(['b']), 5000)
  })
})

/** Opens the gateway file of a folder and watches what it needs. */
async function openWatched(
  files: Readonly<Record<string, string>>,
  variable: (name: string, folder: string) => string = () => secret,
) {
  const folder = await tempFolder(files)
  const events: ConfigurationEvent[] = []
  const opened = await openGateway({
    config: join(folder.path, 'conf/countersign.yaml'),
    environment: { ...environment, variable: (name) => variable(name, folder.path) },
    watch: true,
    observe: (event) => {
      if (event.type === 'configuration') events.push(event)
    },
  })
  onTestFinished(opened.close)
  const names = () => opened.gateway.compiled.policies.map(({ name }) => name)
  return { ...opened, folder, events, names }
}

describe('a watched gateway', () => {
  // nothing but the gateway file stands in its folder
  const gateway = (policies = '../policies', upstream = '"http://127.0.0.1:9000"') =>
    `policies: ${policies}\nroutes: [{ name: main, upstream: ${upstream} }]\n`
  const byFile = (sub: string) =>
    `name: ${sub}\njwt: { signingMethod: HS256, privateKey: { file: ../keys/k }, exp: 300 }\n`

  it('notices what changed while it was loaded', async () => {
    let loaded = 0
    const { names } = await openWatched(
      { 'conf/countersign.yaml': gateway(), 'policies/p.yaml': policy('a') },
      (_name, folder) => {
        // the policy file has been read by now
        loaded += 1
        if (loaded === 1) writeFileSync(join(folder, 'policies/p.yaml'), policy('b'))
        return secret
      },
    )
    await vi.waitFor(() => expect(names()).toEqual(['b']), 5000)
  })

  it('notices a policy that came while it was loaded', async () => {
    const { names } = await openWatched(
      { 'conf/countersign.yaml': gateway(), 'policies/p.yaml': policy('a') },
      (_name, folder) => {
        writeFileSync(join(folder, 'policies/q.yaml'), policy('b'))
        return secret
      },
    )
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']), 5000)
  })

  it('watches the folder that its file names after a change', async () => {
    const { folder, names } = await openWatched({
      'conf/countersign.yaml': gateway('../one'),
      'one/p.yaml': policy('a'),
      'two/p.yaml': policy('b'),
    })
    await folder.write('conf/countersign.yaml', gateway('../two'))
    await vi.waitFor(() => expect(names()).toEqual(['b']), 5000)
    await folder.write('two/p.yaml', policy('c'))
    await vi.waitFor(() => expect(names()).toEqual(['c']), 5000)
  })

  it('waits for the folder that its file names', async () => {
    const { folder, events, names } = await openWatched({
      'conf/countersign.yaml': gateway('../one'),
      'one/p.yaml': policy('a'),
    })
    await folder.write('conf/countersign.yaml', gateway('../two'))
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ accepted: false }), 5000)
    await folder.write('two/p.yaml', policy('b'))
    await vi.waitFor(() => expect(names()).toEqual(['b']), 5000)
  })

  it('reads a key again that is outside of the policies', async () => {
    const { folder, events } = await openWatched({
      'conf/countersign.yaml': gateway(),
      'policies/p.yaml': byFile('a'),
      'keys/k': hmacSecret(),
    })
    expect(events).toHaveLength(1)
    await folder.write('keys/k', hmacSecret())
    await vi.waitFor(() => expect(events).toHaveLength(2), 5000)
    expect(events[1]).toMatchObject({ accepted: true, generation: 2 })
  })

  it('takes a key that comes after a reload missed it', async () => {
    const { folder, events, names } = await openWatched({
      'conf/countersign.yaml': gateway(),
      'policies/p.yaml': policy('a'),
    })
    await folder.write('policies/p.yaml', byFile('b'))
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ accepted: false }), 5000)
    await folder.write('keys/k', hmacSecret())
    await vi.waitFor(() => expect(names()).toEqual(['b']), 5000)
  })

  it('reads files for TLS again that are outside of the policies', async ({ skip }) => {
    skip(!canMakeCertificates, 'openssl is not on the PATH')
    const { cert: ca } = await makeCertificate()
    const { folder, events } = await openWatched({
      'conf/countersign.yaml': gateway(
        '../policies',
        '{ url: "https://127.0.0.1:9000", tls: { ca: ../tls/ca.pem } }',
      ),
      'policies/p.yaml': policy('a'),
      'tls/ca.pem': ca,
    })
    await folder.write('tls/ca.pem', `${ca}\n`)
    await vi.waitFor(() => expect(events).toHaveLength(2), 5000)
  })

  it('reads nothing again for a file that nothing was read from', async () => {
    const { folder, events } = await openWatched({
      'conf/countersign.yaml': gateway(),
      'policies/p.yaml': policy('a'),
    })
    await folder.write('conf/notes.txt', 'x')
    await folder.write('conf/p.yaml', policy('b'))
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(events).toHaveLength(1)
  })
})

describe.skipIf(!canMakeCertificates)('a reading (needs openssl)', () => {
  it.each([
    [
      'in a policy',
      'name: p\njwt: { signingMethod: ES256, privateKey: { env: K }, certificate: { env: C }, exp: 9 }\n',
      '',
    ],
    [
      'in an account',
      'name: p\njwt: { account: a, exp: 9 }\n',
      'accounts: { a: { signingMethod: ES256, privateKey: { env: K }, certificate: { env: C } } }\n',
    ],
  ])('bears a certificate %s that has expired only since', async (_where, text, accounts) => {
    const { cert, key } = await makeCertificate()
    let now = Date.now()
    const folder = await tempFolder({
      'countersign.yaml': `routes: [{ name: r, upstream: "http://127.0.0.1:9000" }]\n${accounts}`,
      'policies/p.yaml': text,
    })
    const options = {
      config: join(folder.path, 'countersign.yaml'),
      environment: {
        ...systemEnvironment(),
        now: () => now,
        variable: (name: string) => (name === 'K' ? key : cert),
      },
      observe: () => undefined,
    }
    const opened = await openGateway(options)
    onTestFinished(opened.close)
    now += 2 * 24 * 60 * 60 * 1000
    expect(await opened.reload()).toBe(true)
    await expect(openGateway(options)).rejects.toBeInstanceOf(ConfigurationError)
  })
})

it('closes its policies when it is closed, also those of a reading under way', async () => {
  const { gateway, folder, close, reload } = await open(policy('a'))
  const closed: string[] = []
  const replace = gateway.replace
  Object.assign(gateway, {
    replace(next: Compiled) {
      replace({ ...next, policies: next.policies.map(telling) })
    },
  })
  const telling = (policy: Policy): Policy => ({
    ...policy,
    close() {
      closed.push(policy.name)
      policy.close()
    },
  })
  await folder.write('p.yaml', policy('b'))
  const reading = reload()
  close()
  await reading
  await vi.waitFor(() => expect(closed).toEqual(['b']))
})
