import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startAlarm } from '../../src/alarm.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const DAY = 86_400_000

/** An alarm for a moment from now, which may be moved, and how often it rang. */
function alarmIn(milliseconds: number) {
  let due = Date.now() + milliseconds
  const ring = vi.fn()
  const end = startAlarm(() => due - Date.now(), ring)
  const postpone = (by: number) => {
    due += by
  }
  return { ring, end, postpone }
}

it.each([1, 999, 40 * DAY])('rings once, after %d ms', (milliseconds) => {
  const { ring } = alarmIn(milliseconds)
  vi.advanceTimersByTime(milliseconds - 1)
  expect(ring).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(ring).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(100 * DAY)
  expect(ring).toHaveBeenCalledOnce()
})

it.each([0, -5, Number.NEGATIVE_INFINITY])('rings soon when it is due in %d ms', (milliseconds) => {
  const { ring } = alarmIn(milliseconds)
  vi.advanceTimersByTime(1)
  expect(ring).toHaveBeenCalledOnce()
})

it('rings later when its moment has moved meanwhile', () => {
  const { ring, postpone } = alarmIn(1000)
  postpone(500)
  vi.advanceTimersByTime(1499)
  expect(ring).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(ring).toHaveBeenCalledOnce()
})

it('does not ring after its end, also when it was waiting a second time', () => {
  const { ring, end, postpone } = alarmIn(1000)
  postpone(500)
  vi.advanceTimersByTime(1200)
  end()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(ring).not.toHaveBeenCalled()
})

it('asks for no time that setTimeout warns of', async () => {
  vi.useRealTimers()
  const warnings: string[] = []
  const note = ({ name }: Error) => warnings.push(name)
  process.on('warning', note)
  await new Promise<void>((resolve) => {
    startAlarm(() => -5, resolve)
    // an alarm does not keep the test alive
    setTimeout(resolve, 5000)
  })
  startAlarm(() => 40 * DAY, vi.fn())()
  await new Promise(setImmediate)
  process.off('warning', note)
  expect(warnings.filter((name) => name.startsWith('Timeout'))).toEqual([])
})

it('does not keep the process alive', () => {
  vi.useRealTimers()
  const before = process.getActiveResourcesInfo().length
  const end = startAlarm(() => DAY, vi.fn())
  expect(process.getActiveResourcesInfo()).toHaveLength(before)
  end()
})
