import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  type Lateness,
  processLoop,
  startLoopClock,
} from '../../../../src/hosts/standalone/loop-delay.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A clock of a loop whose turns take 20 ms, or as long as `turn` is told. */
function start() {
  const clock = { now: 1000, idle: 0 }
  const told: Lateness[] = []
  const loop = startLoopClock(
    { monotonic: () => clock.now, idle: () => clock.idle },
    (measured) => void told.push(measured),
  )
  function turn(milliseconds = 20, idle = 0): void {
    clock.now += milliseconds
    clock.idle += idle
    vi.advanceTimersByTime(20)
  }
  return { loop, told, turn }
}

it('tells how late each turn was, and how long there was nothing to do', () => {
  const { told, turn } = start()
  turn(20, 15)
  turn(320)
  expect(told).toEqual([
    { late: 0, passed: 20, idle: 15 },
    { late: 300, passed: 320, idle: 0 },
  ])
})

it('gives everyone who asks the delays of the last 15 to 30 seconds', () => {
  const { loop, turn } = start()
  expect(loop.delays()).toEqual({ median: 0, p99: 0, max: 0 })
  turn(320)
  for (let turns = 0; turns < 10; turns += 1) turn()
  const delays = loop.delays()
  expect(delays.max).toBeCloseTo(0.3, 2)
  expect(delays.median).toBeLessThan(0.001)
  expect(loop.delays()).toEqual(delays)
  for (let passed = 0; passed < 14_000; passed += 20) turn()
  expect(loop.delays().max).toBeCloseTo(0.3, 2)
  for (let passed = 0; passed < 17_000; passed += 20) turn()
  expect(loop.delays().max).toBeLessThan(0.001)
})

it('measures the loop of this process', async () => {
  vi.useRealTimers()
  const loop = processLoop()
  const before = loop.idle()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(loop.idle()).toBeGreaterThan(before)
})
