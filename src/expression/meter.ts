import { CountersignError } from '../errors.ts'
import { isCallable, isForged } from './callable.ts'
import type { Limits } from './limits.ts'

/**
 * What one evaluation has used of its limits. It counts work, not time: the same request gives the same
 * answer on a slow machine, during a garbage collection and beside other evaluations.
 */
export interface Meter {
  /** Adds work. Throws `expr/limit`. */
  charge(steps: number): void
  /** Adds the work of evaluating to, or working on, a value: by its size. Throws `expr/limit`. */
  touch(value: unknown): void
  /**
   * Adds the work of turning all of a value into text. Throws `expr/limit`, and `claim/type` when a part of
   * it is not plain data: the text would not say what it stands for.
   */
  walk(value: unknown): void
  /** Refuses a string of so many characters. Throws `expr/limit`. */
  text(length: number): void
}

/** A fresh meter for one evaluation. */
export function createMeter(limits: Limits): Meter {
  const { nodes } = limits
  const weights = new Map<object, number>()
  let left = limits.steps
  let hasInstance = false

  const charge = (steps: number) => {
    left -= steps
    if (left < 0) throw exceeded(`${limits.steps} steps`)
  }

  const weigh = (value: unknown, depth: number): number => {
    if (typeof value === 'string') return 1 + value.length / CHARACTERS_A_NODE
    if (typeof value !== 'object' || value === null) return 1
    if (isForged(value)) hasInstance = true
    if (isCallable(value)) return 1
    const known = weights.get(value)
    if (known !== undefined) return known
    if (!isData(value)) hasInstance = true
    if (depth === 0) throw exceeded(`${MAX_DEPTH} levels in a value`)
    let weight = 1
    const add = (item: unknown) => {
      weight += weigh(item, depth - 1)
      if (weight > nodes) throw exceeded(`${nodes} nodes in a value`)
    }
    if (Array.isArray(value)) for (const item of value) add(item)
    else {
      // A name is one node and its value another: objects cost more to walk than arrays.
      for (const name in value) {
        weight += 1
        add((value as Record<string, unknown>)[name])
      }
    }
    // What holds an instance is walked again every time, so that it is found again.
    if (weight > WORTH_REMEMBERING && !hasInstance) weights.set(value, weight)
    return weight
  }

  const charged = (value: unknown, nodesAStep: number) => {
    hasInstance = false
    charge(1 + weigh(value, MAX_DEPTH) / nodesAStep)
  }

  return {
    charge,
    touch: (value) => charged(value, TOUCHED_A_STEP),
    walk(value) {
      charged(value, WALKED_A_STEP)
      if (hasInstance) throw notData()
    },
    text(length) {
      if (length > limits.text) throw exceeded(`${limits.text} characters in a string`)
    },
  }
}

/** The error of an evaluation that asked for more than a limit allows. */
export function exceeded(limit: string): CountersignError {
  return new CountersignError('expr/limit', `expected an expression within ${limit}`)
}

// A shared structure weighs once for every place it stands in, as the built-ins walk it.
const MAX_DEPTH = 500
const WORTH_REMEMBERING = 8
const CHARACTERS_A_NODE = 16
const TOUCHED_A_STEP = 64
const WALKED_A_STEP = 4

function notData(): CountersignError {
  return new CountersignError('claim/type', 'expected plain data to make text of')
}

function isData(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Array.isArray(value)
}
