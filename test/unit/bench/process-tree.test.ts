import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { costOf, parseStat, processTree } from '../../../bench/process-tree.ts'

describe('/proc/PID/stat', () => {
  it('is read behind a name that holds spaces and parentheses', () => {
    const behind = [
      'S',
      41,
      42,
      42,
      0,
      -1,
      0,
      0,
      0,
      0,
      0,
      150,
      50,
      7,
      7,
      20,
      0,
      1,
      0,
      99,
      4e6,
      1000,
    ]
    expect(parseStat(`42 (a (b) c) ${behind.join(' ')} 0`)).toEqual({
      pid: 42,
      parent: 41,
      cost: { cpuMicros: 2_000_000, rss: 4_096_000 },
    })
  })
})

it('counts a process together with what it started', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid = 0 } = child
  await once(child.stdout, 'data')
  const pids = processTree(pid).map((each) => each.pid)
  onTestFinished(() => {
    for (const each of pids) process.kill(each, 'SIGKILL')
  })
  expect(pids).toHaveLength(2)
  expect(costOf(pid).rss).toBeGreaterThan(costOf(pids[1] as number).rss)
})
