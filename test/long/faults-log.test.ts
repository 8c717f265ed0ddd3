import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startChildUpstream } from '../support/child-upstream.ts'
import { figures, note } from '../support/measured.ts'
import { runOpenLoop, STANDARD_LOAD } from '../support/open-loop-process.ts'
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'

const BIN = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))
const SECONDS = 8

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
if (!canMount)
  process.stderr.write('skipped: volumes that are full or read-only need unshare -rm\n')

/** `sh -c script`, whose `"$@"` is `countersign`. */
function inShell(script: string, ...before: readonly string[]): [string, ...string[]] {
  const [program = 'sh', ...rest] = [...before, 'sh', '-c', script, 'sh', process.execPath, BIN]
  return [program, ...rest]
}

async function start(command: [string, ...string[]]): Promise<ProxyProcess> {
  const upstream = await startChildUpstream()
  return await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]`,
    policies: SIGNED,
    logLevel: 'info',
    command,
    env: signedVariables(),
  })
}

async function load(proxy: ProxyProcess, fault: string) {
  const report = await runOpenLoop({
    ...STANDARD_LOAD,
    rate: 200,
    targets: [{ url: proxy.url }],
    seconds: SECONDS,
    verify: { jwks: proxy.jwks },
  })
  const dropped = (await proxy.metric('countersign_log_dropped_total')) ?? 0
  note({ goal: 'R22', fault, measured: `${figures(report)}, ${dropped} log lines dropped` })
  return { reasons: report.reasons, dropped }
}

describe('R22 serves as before, and counts the lines that are lost', () => {
  it('when nothing more can be written to standard output', async () => {
    const proxy = await start(inShell('exec "$@" > /dev/full'))
    const { reasons, dropped } = await load(proxy, 'standard output takes nothing more')
    expect(reasons).toEqual({})
    expect(dropped).toBeGreaterThan(0)
  }, 60_000)

  it.skipIf(!canMount)(
    'when the volume of the log is full',
    async () => {
      const { path } = await tempFolder()
      const proxy = await start(
        inShell(
          `mount -t tmpfs -o size=64k tmpfs ${path} && exec "$@" > ${path}/log`,
          'unshare',
          '-rm',
        ),
      )
      const { reasons, dropped } = await load(proxy, 'volume of the log (64 KB) full')
      expect(reasons).toEqual({})
      expect(dropped).toBeGreaterThan(0)
    },
    60_000,
  )
})

describe('R22 starts and serves', () => {
  it.skipIf(!canMount)(
    'where every file system is read-only',
    async () => {
      const proxy = await start(
        inShell(
          'mount -o remount,bind,ro / && ! touch /tmp/written && exec "$@"',
          'unshare',
          '-rm',
        ),
      )
      const { reasons, dropped } = await load(proxy, 'read-only file systems')
      expect([reasons, dropped]).toEqual([{}, 0])
    },
    60_000,
  )
})
