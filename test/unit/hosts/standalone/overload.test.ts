import { expect, it } from 'vitest'
import { createOverload } from '../../../../src/hosts/standalone/overload.ts'
import type { ObservedEvent } from '../../../../src/observe.ts'

function start() {
  const events: ObservedEvent[] = []
  const heap = { use: 0 }
  const overload = createOverload({
    observe: (event) => void events.push(event),
    heapUse: () => heap.use,
  })
  return { events, heap, overload }
}

const measured = (late: number, idle = 0) => ({ late, passed: late + 20, idle })

it.each([
  ['one long pause', [5000, 0, 0], 0, false],
  ['two turns in a row', [5000, 5000, 20], 0, false],
  ['turns that are on time in between', [400, 99, 400, 99, 400, 99], 0, false],
  ['three turns that are soon over', [140, 140, 140], 0, false],
  ['three turns of half a second together', [147, 147, 147], 0, true],
  ['many short turns', [101, 101, 101, 101, 101], 0, true],
  ['turns with time to spare, as others use the processor', [300, 300, 300, 300], 40, false],
  ['turns with next to no time to spare', [300, 300, 300], 20, true],
])('judges %s', (_case, delays, idle, expected) => {
  const { events, overload } = start()
  for (const late of delays) overload.measured(measured(late, idle))
  expect(overload.isActive()).toBe(expected)
  const told = { type: 'overload', active: true, cause: 'eventLoop' }
  expect(events).toEqual(expected ? [told] : [])
})

it('ends when the event loop is less than 50 ms late, not before', () => {
  const { events, overload } = start()
  for (const late of [200, 200, 200, 99, 50]) overload.measured(measured(late))
  expect(overload.isActive()).toBe(true)
  overload.measured(measured(49))
  expect(overload.isActive()).toBe(false)
  expect(events.map((event) => event.type === 'overload' && event.active)).toEqual([true, false])
})

it('R23 refuses bodies from 85 % of the heap, everything from 95 %', () => {
  const { events, heap, overload } = start()
  const steps = [0.84, 0.85, 0.94, 0.95, 0.9, 0.89, 0.8, 0.79].map((use) => {
    heap.use = use
    overload.measured(measured(0))
    return [use, overload.isShortOfMemory(), overload.isActive()]
  })
  expect(steps).toEqual([
    [0.84, false, false],
    [0.85, true, false],
    [0.94, true, false],
    [0.95, true, true],
    [0.9, true, true],
    [0.89, true, false],
    [0.8, true, false],
    [0.79, false, false],
  ])
  expect(events).toEqual([
    { type: 'overload', active: true, cause: 'memory' },
    { type: 'overload', active: false, cause: 'memory' },
  ])
})
