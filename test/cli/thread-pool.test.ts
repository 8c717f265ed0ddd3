import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { startCountersign } from '../support/process.ts'

/** Threads of libuv's pool that a proxy runs once it has read its files. */
async function poolThreads(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const addresses = ['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0']
  const proxy = startCountersign(['demo', ...addresses], { env })
  await proxy.waitFor(/Try it/)
  const tasks = `/proc/${proxy.pid}/task`
  const names = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/comm`, 'utf8'))
  return names.filter((name) => name.startsWith('libuv-worker')).length
}

describe.skipIf(process.platform !== 'linux')('the thread pool', () => {
  it('has a thread for each core that the process may use, and at least two', async () => {
    expect(await poolThreads()).toBe(Math.max(2, availableParallelism()))
  })

  it('is as large as the operator says', async () => {
    expect(await poolThreads({ UV_THREADPOOL_SIZE: '5' })).toBe(5)
  })

  it('is sized by a variable that is set to nothing as by none', async () => {
    expect(await poolThreads({ UV_THREADPOOL_SIZE: '' })).toBe(Math.max(2, availableParallelism()))
  })
})
