import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createIdleTimer } from '../../../../src/forward/http1/idle-timer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const NEVER = Number.POSITIVE_INFINITY

function started(milliseconds: number) {
  const expire = vi.fn()
  return { timer: createIdleTimer(milliseconds, expire), expire }
}

it.each([
  ['its own time, where the upstream says nothing', NEVER, 5000],
  ['its own time, where the upstream waits longer', 60_000, 5000],
  ['a second less than the upstream says', 3000, 2000],
])('expires after %s', (_when, limit, expected) => {
  const { timer, expire } = started(5000)
  expect(timer.start(limit)).toBe(true)
  vi.advanceTimersByTime(expected - 1)
  expect(expire).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(expire).toHaveBeenCalledTimes(1)
})

it.each([0, 500, 1000])('has no time to wait when the upstream waits for %i ms', (limit) => {
  const { timer, expire } = started(5000)
  expect(timer.start(limit)).toBe(false)
  vi.advanceTimersByTime(10_000)
  expect(expire).not.toHaveBeenCalled()
})

it('has no time to wait without any of its own', () => {
  expect(started(0).timer.start(NEVER)).toBe(false)
})

it('begins anew each time, also with another limit, and after it has expired', () => {
  const { timer, expire } = started(5000)
  timer.start(NEVER)
  vi.advanceTimersByTime(4999)
  timer.start(NEVER)
  vi.advanceTimersByTime(4999)
  timer.start(4000)
  vi.advanceTimersByTime(2999)
  expect(expire).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(expire).toHaveBeenCalledTimes(1)
  timer.start(4000)
  vi.advanceTimersByTime(3000)
  expect(expire).toHaveBeenCalledTimes(2)
  timer.start(NEVER)
  vi.advanceTimersByTime(3001)
  expect(expire).toHaveBeenCalledTimes(2)
})

it('expires no more once it is stopped, until it is started again', () => {
  const { timer, expire } = started(5000)
  timer.start(NEVER)
  timer.stop()
  vi.advanceTimersByTime(10_000)
  expect(expire).not.toHaveBeenCalled()
  timer.start(NEVER)
  vi.advanceTimersByTime(5000)
  expect(expire).toHaveBeenCalledTimes(1)
})
