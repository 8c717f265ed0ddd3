import type { Environment } from '../environment.ts'
import type { Focus, Frame } from './callable.ts'
import type { Meter } from './meter.ts'

/** The state of one evaluation, which our functions reach through JSONata's scope. */
export interface Evaluation {
  readonly meter: Meter
  readonly environment: Environment
  /** What `$$` is. */
  readonly input: unknown
  /** The body's bytes; absent when there is no body. */
  readonly body?: Uint8Array
  /** Milliseconds since the epoch, the same whenever this evaluation asks. */
  now(): number
}

/** The variable that holds the evaluation; no expression can write this name. */
export const EVALUATION = '(evaluation)'

/** The evaluation a built-in is called in. */
export function evaluationOf(focus: Focus): Evaluation {
  return evaluationIn(focus.environment)
}

/** The evaluation a scope belongs to. */
export function evaluationIn(frame: Frame): Evaluation {
  return frame.base.lookup(EVALUATION) as Evaluation
}

/** Fresh state for one evaluation. */
export function startEvaluation(
  meter: Meter,
  environment: Environment,
  input: unknown,
  body?: Uint8Array,
): Evaluation {
  let now: number | undefined
  return {
    meter,
    environment,
    input,
    ...(body && { body }),
    now() {
      now ??= environment.now()
      return now
    },
  }
}
