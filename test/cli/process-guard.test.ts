import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { runCountersign, startCountersign } from '../support/process.ts'
import { tempFolder } from '../support/temp-folder.ts'

const GUARD = new URL('../../bin/process-guard.js', import.meta.url).href
const { inspectorFault } = (await import(GUARD)) as {
  readonly inspectorFault: (url: string | undefined) => string | undefined
}
const POLICY = 'name: p\njwt: { signingMethod: HS256, privateKey: { env: KEY }, exp: 300 }\n'
const SCRIPT = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))

/** Milliseconds that a process may take to start on a machine that does much else. */
const START = 30_000

/** A proxy that serves, started with these options of Node, and its folder. */
async function serving(options: readonly string[] = [], env: Record<string, string> = {}) {
  const folder = await tempFolder({ 'policies/p.yaml': POLICY })
  const proxy = startCountersign(['serve', '--upstream', 'http://127.0.0.1:9'], {
    command: [process.execPath, ...options, SCRIPT],
    cwd: folder.path,
    env: {
      KEY: hmacSecret(),
      COUNTERSIGN_LISTEN: '127.0.0.1:0',
      COUNTERSIGN_MANAGEMENT: '127.0.0.1:0',
      ...env,
    },
  })
  const [, management = ''] = await proxy.waitFor(/^management +(\S+)/m, START)
  const listeners = () =>
    execFileSync('ss', ['-ltnpH'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(`pid=${proxy.pid},`)).length
  /** Sends a signal, and waits until the process has gone on with something else. */
  async function signalled(signal: NodeJS.Signals) {
    proxy.signal(signal)
    // a signal is told within one turn of the event loop; a snapshot would keep it from turning
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await fetch(new URL('/healthz', management))).status).toBeLessThan(500)
      await wait(50)
    }
  }
  return { proxy, folder, listeners, signalled }
}

describe('T063 a process that serves', { timeout: START }, () => {
  it('opens no inspector at SIGUSR1', async () => {
    const { proxy, listeners, signalled } = await serving()
    expect(listeners()).toBe(2)
    await signalled('SIGUSR1')
    expect(listeners()).toBe(2)
    expect(proxy.stderr()).not.toContain('Debugger')
  })

  it.each<[options: string[], signal: NodeJS.Signals]>([
    [['--heapsnapshot-signal=SIGUSR2'], 'SIGUSR2'],
    [['--report-on-signal'], 'SIGUSR2'],
    [['--report-on-signal', '--report-signal=SIGUSR1'], 'SIGUSR1'],
    [['--heapsnapshot-signal=SIGUSR1'], 'SIGUSR1'],
  ])('writes nothing of its memory, even with %j, at %s', async (options, signal) => {
    const { folder, signalled } = await serving(options)
    await signalled(signal)
    expect(readdirSync(folder.path)).toEqual(['policies'])
  })

  it('leaves the environment out of a report', async () => {
    const script = `import { guardProcess } from ${JSON.stringify(GUARD)}
      guardProcess()
      console.log(JSON.stringify(process.report.getReport()))`
    const { stdout } = await runCountersign([], {
      command: [process.execPath, '--input-type=module', '-e', script],
      env: { SECRET: 'CANARY' },
    })
    const report = JSON.parse(stdout)
    expect(report.header.nodejsVersion).toBe(process.version)
    expect(stdout).not.toContain('CANARY')
  })
})

describe('T063 the inspector', { timeout: START }, () => {
  it.each([
    [['--inspect=0.0.0.0:0'], {}],
    [['--inspect=[::]:0'], {}],
    [[], { NODE_OPTIONS: '--inspect=0.0.0.0:0' }],
  ])('refuses to start where others reach it: %j %j', async (options, env) => {
    const { code, stderr } = await runCountersign(['serve'], {
      command: [process.execPath, ...options, SCRIPT],
      env,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('does not start with its inspector on')
  })

  it('may listen on a loopback address', async () => {
    const { listeners } = await serving(['--inspect=127.0.0.1:0'])
    expect(listeners()).toBe(3)
  })

  it.each([
    [undefined, false],
    ['ws://127.0.0.1:9229/a', false],
    ['ws://[::1]:9229/a', false],
    ['ws://localhost:9229/a', false],
    ['ws://127.0.0.1.example:9229/a', true],
    ['ws://10.0.0.1:9229/a', true],
    ['ws://[::]:9229/a', true],
  ])('on %s is a fault: %s', (url, expected) => {
    expect(inspectorFault(url) !== undefined).toBe(expected)
  })
})
