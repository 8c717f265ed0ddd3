/** A function as JSONata's evaluator holds it: a built-in with its signature, or a lambda. */
export interface Callable {
  readonly _jsonata_function?: boolean
  readonly _jsonata_lambda?: boolean
}

/** A built-in function as JSONata's evaluator holds it. */
export interface Definition extends Callable {
  readonly _jsonata_function: true
  readonly implementation: Implementation
  readonly signature?: unknown
}

/** The code of a built-in; `this` is JSONata's focus. */
export type Implementation = (this: Focus, ...values: never[]) => unknown

/** What JSONata gives a built-in as `this`. */
export interface Focus {
  readonly environment: Frame
}

/** A scope of variables; `base` is the outermost one of an evaluation. */
export interface Frame {
  readonly base: Frame
  lookup(name: string | symbol): unknown
}

/** True for a function that the evaluator made. */
export function isCallable(value: object): value is Callable {
  const { implementation, environment } = value as {
    implementation?: unknown
    environment?: Partial<Frame>
  }
  return (
    isMarked(value) &&
    (typeof implementation === 'function' || typeof environment?.lookup === 'function')
  )
}

/**
 * True for data that carries one of the marks by which JSONata knows its own functions and sequences.
 * A request body may hold such members; JSONata would take them for its own.
 */
export function isForged(value: object): boolean {
  if (Array.isArray(value)) return false
  const { _jsonata_function, _jsonata_lambda, tupleStream, outerWrapper } = value as Marks
  const hasMark =
    _jsonata_function !== undefined ||
    _jsonata_lambda !== undefined ||
    tupleStream !== undefined ||
    outerWrapper !== undefined
  return hasMark && !isCallable(value)
}

interface Marks extends Callable {
  readonly tupleStream?: unknown
  readonly outerWrapper?: unknown
}

function isMarked(value: object): boolean {
  return Object.hasOwn(value, '_jsonata_function') || Object.hasOwn(value, '_jsonata_lambda')
}
