import { CountersignError } from '../../errors.ts'
import type { Observer, OverloadEvent } from '../../observe.ts'
import type { Lateness } from './loop-delay.ts'

/** Says when there is more to do than can be done. */
export interface Overload {
  /** Notes how late the event loop is. */
  measured(lateness: Lateness): void
  /** True while every request is refused. */
  isActive(): boolean
  /** True while a request is refused whose body would be held in memory. */
  isShortOfMemory(): boolean
}

/** What overload is. Late in milliseconds, memory as part of the heap. */
export interface OverloadOptions {
  readonly observe: Observer
  /** Part of the heap in use, from 0 to 1. */
  heapUse(): number
}

/** Milliseconds from which the event loop is too late, and below which it is on time again. */
const LATE = { from: 100, below: 50 }
/** Measurements in a row that make it too late: one alone is a pause, and what came meanwhile is soon done. */
const IN_A_ROW = 3
/** Milliseconds that these take together. */
const LASTING = 500
/**
 * Part of that time in which the loop waited for something to do. Where it did, it has caught up: it is late because
 * others have the processor, and to refuse would help nobody.
 */
const IDLE = 0.1
/** Parts of the heap from which bodies, and from which requests are refused; and below which no more. */
const BODIES = { from: 0.85, below: 0.8 }
const REQUESTS = { from: 0.95, below: 0.9 }

/** What a request is refused with; one for all, as a stack of each would cost more than refusing. */
export const OVERLOADED = new CountersignError('overload', 'expected fewer requests at once')

/** Creates a judgement that begins with everything being fine. */
export function createOverload({ observe, heapUse }: OverloadOptions): Overload {
  let row = ON_TIME
  let isLate = false
  let refusesBodies = false
  let refusesRequests = false

  function tell(cause: OverloadEvent['cause'], active: boolean): void {
    observe({ type: 'overload', active, cause })
  }
  function lookAtHeap(): void {
    const use = heapUse()
    const before = refusesBodies
    refusesBodies = use >= (before ? BODIES.below : BODIES.from)
    refusesRequests = use >= (refusesRequests ? REQUESTS.below : REQUESTS.from)
    if (refusesBodies !== before) tell('memory', refusesBodies)
  }
  return {
    measured(lateness) {
      row = lateness.late > LATE.from ? longer(row, lateness) : ON_TIME
      const before = isLate
      isLate = before ? lateness.late >= LATE.below : isTooMuch(row)
      if (isLate !== before) tell('eventLoop', isLate)
      lookAtHeap()
    },
    isActive: () => isLate || refusesRequests,
    isShortOfMemory: () => refusesBodies,
  }
}

/** Late measurements in a row. */
interface Row {
  readonly count: number
  /** Milliseconds from its beginning, and of them those without anything to do. */
  readonly passed: number
  readonly idle: number
}

const ON_TIME: Row = { count: 0, passed: 0, idle: 0 }

function longer({ count, passed, idle }: Row, next: Lateness): Row {
  return { count: count + 1, passed: passed + next.passed, idle: idle + next.idle }
}

function isTooMuch({ count, passed, idle }: Row): boolean {
  return count >= IN_A_ROW && passed >= LASTING && idle < IDLE * passed
}
