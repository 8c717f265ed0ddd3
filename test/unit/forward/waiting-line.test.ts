import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { createWaitingLine } from '../../../src/forward/waiting-line.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const late = () => new CountersignError('upstream/timeout', 'expected a turn')
const gone = new CountersignError('request/aborted', 'expected a client')

function started() {
  const line = createWaitingLine()
  const events: string[] = []
  const join = (name: string, limit = 100, signal?: AbortSignal) =>
    line.join(
      {
        proceed: () => void events.push(`${name} proceeds`),
        fail: ({ code }) => void events.push(`${name} fails with ${code}`),
      },
      limit,
      late,
      signal,
    )
  return { line, events, join }
}

it('lets those who wait go in the order in which they came', () => {
  const { line, events, join } = started()
  for (const name of ['a', 'b']) join(name)
  expect(line.size()).toBe(2)
  line.next()?.proceed()
  expect(line.size()).toBe(1)
  line.next()?.proceed()
  expect(line.next()).toBeUndefined()
  expect(events).toEqual(['a proceeds', 'b proceeds'])
  vi.advanceTimersByTime(1000)
  expect(events).toHaveLength(2)
})

it('lets nobody wait longer than it may', () => {
  const { line, events, join } = started()
  join('a', 100)
  join('b', 50)
  vi.advanceTimersByTime(99)
  expect(events).toEqual(['b fails with upstream/timeout'])
  vi.advanceTimersByTime(1)
  expect(events).toEqual(['b fails with upstream/timeout', 'a fails with upstream/timeout'])
  expect(line.size()).toBe(0)
})

it('lets somebody leave, before and while they wait, and once only', () => {
  const { line, events, join } = started()
  const leaving = new AbortController()
  join('a', 100, leaving.signal)
  leaving.abort(gone)
  join('b', 100, leaving.signal)
  expect(events).toEqual(['a fails with request/aborted', 'b fails with request/aborted'])
  expect(line.size()).toBe(0)
  vi.advanceTimersByTime(1000)
  expect(events).toHaveLength(2)
})

it('has no effect on somebody whose turn it was that they leave later', () => {
  const { line, events, join } = started()
  const leaving = new AbortController()
  join('a', 100, leaving.signal)
  line.next()?.proceed()
  leaving.abort(gone)
  expect(events).toEqual(['a proceeds'])
  expect(vi.getTimerCount()).toBe(0)
})
