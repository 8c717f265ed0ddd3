import { spawn } from 'node:child_process'
import { existsSync as exists } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { CountersignError } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import type { RequestEvent } from '../../src/observe.ts'
import { openLoop } from '../support/load.ts'
import { type ProxyProcess, settled, startProxyProcess } from '../support/proxy-process.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'
import { SIGNED, signedVariables } from '../support/signed-policy.ts'
import { tempFolder } from '../support/temp-folder.ts'

const BIN = new URL('../../bin/countersign.js', import.meta.url).pathname

async function start(script = 'exec "$@"'): Promise<ProxyProcess> {
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  return await startProxyProcess({
    gateway: `routes: [{ name: all, upstream: "${upstream.url}" }]\nshutdown: { drainDelay: 0s, grace: 1s }\n`,
    policies: SIGNED,
    logLevel: 'info',
    env: signedVariables(),
    command: ['sh', '-c', script, 'sh', process.execPath, BIN],
  })
}

/** Each of their lines is as long as one gets. */
const LONG = { path: `/${'a'.repeat(2100)}` }

it('T125 writes a hundred lines a second of 10,000 with the same error, and counts the rest', async () => {
  const lines: string[] = []
  const log = createLog({ monotonic: () => 0, stream: { write: (line) => void lines.push(line) } })
  const error = new CountersignError('upstream/unreachable', 'expected an upstream')
  const refused = {
    type: 'request',
    requestId: 'r',
    method: 'GET',
    path: '/',
    status: 502,
  } as const
  const event: RequestEvent = { ...refused, durationMs: 1, policies: [], error }
  for (let count = 0; count < 10_000; count += 1) log(event)
  expect(lines).toHaveLength(100)
  const last = await settled(
    () => JSON.parse(lines.at(-1) ?? ''),
    ({ level }) => level === 'warn',
  )
  expect(last).toMatchObject({ kind: 'upstream/unreachable', lines: 9900 })
})

it('T125 R24 serves while nobody reads the log, counts what is dropped, and tells it to a reader that is back', async () => {
  const { path } = await tempFolder()
  // opening it waits for the other side, so the reader is asleep once it is open
  const reader = spawn('sh', [
    '-c',
    `mkfifo ${path}/log && exec 3<>${path}/log && kill -STOP $$; cat <&3`,
  ])
  onTestFinished(() => void reader.kill('SIGKILL'))
  let read = ''
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    read += text
  })
  await settled(
    () => exists(`${path}/log`),
    (is) => is,
  )
  const proxy = await start(`exec "$@" > ${path}/log`)
  const statuses = await openLoop(proxy.url, { rate: 1500, count: 2500, request: () => LONG })
  expect(statuses).toEqual({ 200: 2500 })
  const dropped = (await proxy.metric('countersign_log_dropped_total')) ?? 0
  expect(dropped).toBeGreaterThan(0)
  reader.kill('SIGCONT')
  await settled(
    () => read,
    (text) => text.includes('lines were dropped'),
  )
  expect(read).toContain(`"lines":${dropped}`)
}, 40_000)

it('R24 ends in time although nobody reads the log', async () => {
  const { path } = await tempFolder()
  const reader = spawn('sh', ['-c', `mkfifo ${path}/log && exec 3<>${path}/log && kill -STOP $$`])
  onTestFinished(() => void reader.kill('SIGKILL'))
  await settled(
    () => exists(`${path}/log`),
    (is) => is,
  )
  const proxy = await start(`exec "$@" > ${path}/log`)
  await openLoop(proxy.url, { rate: 500, count: 100, request: () => LONG })
  proxy.signal('SIGTERM')
  expect(await proxy.exited).toMatchObject({ code: 0 })
})

it('R24 serves on when its standard output is closed, and counts the lines', async () => {
  const proxy = await start()
  expect(await openLoop(proxy.url, { rate: 100, count: 5 })).toEqual({ 200: 5 })
  proxy.closeStdout()
  expect(await openLoop(proxy.url, { rate: 200, count: 100 })).toEqual({ 200: 100 })
  expect(await proxy.metric('countersign_log_dropped_total')).toBeGreaterThan(90)
  proxy.signal('SIGTERM')
  expect(await proxy.exited).toMatchObject({ code: 0 })
})

it('R22 serves on when standard output takes nothing more', async () => {
  const proxy = await start('exec "$@" > /dev/full')
  expect(await openLoop(proxy.url, { rate: 200, count: 100 })).toEqual({ 200: 100 })
  // once a second a line is tried again, which is lost but not dropped
  expect(await proxy.metric('countersign_log_dropped_total')).toBeGreaterThan(0)
})

it('R24 opens no inspector at SIGUSR1, and survives SIGPIPE', async () => {
  const proxy = await start()
  proxy.signal('SIGUSR1')
  proxy.signal('SIGPIPE')
  expect(await openLoop(proxy.url, { rate: 100, count: 20 })).toEqual({ 200: 20 })
  expect(proxy.stderr()).not.toMatch(/debugger/i)
})
