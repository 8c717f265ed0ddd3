import { CountersignError } from '../errors.ts'
import { type Frame, isCallable, isForged } from './callable.ts'
import { evaluationIn } from './evaluation.ts'
import type { Node } from './syntax.ts'

/** Called by JSONata when it has evaluated a node; what it throws ends the evaluation. */
export type Watch = (node: Node, input: unknown, frame: Frame, result: unknown) => void

/**
 * Meters what every node gives, before JSONata uses it: its operators work on values without asking anyone.
 * Throws `expr/limit`, and `expr/failed` for data that poses as something of JSONata's own.
 */
export function watch(all: readonly Node[]): Watch {
  const called = new Set(
    all.filter(({ type }) => type === 'function').map((node) => node.procedure),
  )
  const joined = new Set(all.filter(isConcat).flatMap(({ lhs, rhs }) => [lhs, rhs]))
  return (node, _input, frame, result) => {
    const { meter } = evaluationIn(frame)
    try {
      // An operand of `&` is turned into text.
      if (typeof result === 'object' && joined.has(node)) meter.walk(result)
      else meter.touch(result)
      // Bounded operands made a bounded string, and a long one ends here.
      if (typeof result === 'string' && isConcat(node)) meter.text(result.length)
    } catch (error) {
      throw at(error as Error, node)
    }
    const value = unwrap(result)
    if (typeof value !== 'object' || value === null) return
    if (isForged(value)) throw at(forged(), node)
    // JSONata writes on whatever object is called as a function, which would change the request context.
    if (called.has(node) && !isCallable(value)) throw at(notCallable(), node)
  }
}

function isConcat(node: Node): boolean {
  return node.type === 'binary' && node.value === '&'
}

// A sequence of one item, or of none, is that item, or nothing.
function unwrap(result: unknown): unknown {
  if (!Array.isArray(result) || result.length > 1) return result
  return (result as { sequence?: boolean }).sequence === true ? result[0] : result
}

function at(error: Error, { position }: Node): Error {
  return position === undefined ? error : Object.assign(error, { position })
}

function forged(): CountersignError {
  return new CountersignError(
    'expr/failed',
    'expected data without members named like JSONata internals',
  )
}

function notCallable(): Error {
  return Object.assign(new Error('Attempted to invoke a non-function'), { code: 'T1006' })
}
