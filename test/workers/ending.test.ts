import { constants, copyFileSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { startOpenLoop } from '../support/open-loop-process.ts'
import { settled } from '../support/proxy-process.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { startWorkerProcesses, type WorkersOptions } from '../support/worker-processes.ts'

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 })

async function start(shutdown: string, more: Pick<WorkersOptions, 'command'> = {}) {
  const proxy = await startWorkerProcesses({
    ...more,
    policies: SIGNED,
    env: signedVariables(),
    gateway: `shutdown: ${shutdown}`,
  })
  const ready = `${proxy.management}/readyz`
  return {
    ...proxy,
    ready,
    status: () => fetch(ready).then(({ status }) => status),
    report: async () => (await fetch(`${ready}?verbose`)).json(),
  }
}

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

describe('workers that are told to stop', () => {
  it('R17 fail no request of a balancer that asks whether they are ready, and end with 0', async () => {
    const { url, ready, signal, exited, pids, tokensOfAll, metric } =
      await start('{ drainDelay: 1s }')
    const before = (await tokensOfAll()).length
    const load = await startOpenLoop({ targets: [{ url, ready }], rate: 40, seconds: 20 })
    await settled(
      () => metric('countersign_requests_total'),
      (count = 0) => count > before + 20,
    )
    const workers = pids()
    signal('SIGTERM')
    expect(await exited).toMatchObject({ code: 0, signal: null })
    const { failed, ok } = await load.stop()
    expect(failed.filter(({ kind }) => kind !== 'unsent')).toEqual([])
    expect(ok).toBeGreaterThan(0)
    expect(workers.map(isGone)).toEqual([true, true])
  })

  it('R18 end at once and not with 0 by a second signal', async () => {
    const { status, signal, exited, pids } = await start('{ drainDelay: 60s }')
    const workers = pids()
    signal('SIGTERM')
    expect(await settled(status, (code) => code === 503)).toBe(503)
    signal('SIGINT')
    expect((await exited).code).toBe(1)
    expect(await settled(() => workers.every(isGone), Boolean)).toBe(true)
  })
})

describe('a worker that dies', () => {
  it('is replaced, while the others serve and the instance stays ready, until SIGINT ends all with 0', async () => {
    const { pids, status, report, metric, token, tokensOfAll, signal, exited } =
      await start('{ drainDelay: 0s }')
    await tokensOfAll()
    const before = await metric('countersign_requests_total')
    const [first = 0] = pids()
    process.kill(first, 'SIGKILL')
    expect(await settled(() => isGone(first), Boolean)).toBe(true)
    expect(await token()).toMatch(/^ey/)
    expect(await status()).toBe(200)
    const checks = { checks: expect.arrayContaining([expect.objectContaining({ ok: false })]) }
    expect(await report()).toMatchObject(checks)
    const lost = await metric('countersign_requests_total')
    expect(lost).toBeGreaterThanOrEqual(before ?? 0)
    expect(
      await settled(
        () => metric('countersign_workers'),
        (count) => count === 2,
      ),
    ).toBe(2)
    expect(await metric('countersign_worker_restarts_total')).toBe(1)
    await tokensOfAll()
    // as a terminal does it: only the primary decides what comes of it
    for (const pid of pids()) process.kill(pid, 'SIGINT')
    signal('SIGINT')
    expect(await exited).toMatchObject({ code: 0 })
  })

  it('is replaced as soon as it can be started again, and until then the others serve and reload', async () => {
    const node = `${(await tempFolder()).path}/node`
    copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE)
    const bin = fileURLToPath(new URL('../../bin/countersign.js', import.meta.url))
    const command = [node, bin] as const
    const { pids, status, token, admin, metric } = await start('{ drainDelay: 0s }', { command })
    renameSync(node, `${node}.gone`)
    const [first = 0] = pids()
    process.kill(first, 'SIGKILL')
    const restarts = () => metric('countersign_worker_restarts_total')
    expect(await settled(restarts, (count = 0) => count > 1)).toBeGreaterThan(1)
    expect(await token()).toMatch(/^ey/)
    expect(await status()).toBe(200)
    expect((await fetch(`${admin}/-/reload`, { method: 'POST' })).status).toBe(204)
    renameSync(`${node}.gone`, node)
    const serving = () => metric('countersign_workers')
    expect(await settled(serving, (count) => count === 2, 20_000)).toBe(2)
  })

  it('never outlives the primary', async () => {
    const { pids, signal, exited } = await start('{ drainDelay: 0s }')
    const workers = pids()
    signal('SIGKILL')
    await exited
    expect(await settled(() => workers.every(isGone), Boolean)).toBe(true)
  })
})
