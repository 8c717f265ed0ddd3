import { implementationOf } from '../builtins.ts'
import { BEYOND, type Operand, scalar } from './operand.ts'

/** A function of JSONata that is called without its evaluator. */
export interface NativeFunction {
  /** How many arguments must be given, of as many as there are checks. */
  readonly needed: number
  /** Each gives back its argument, or throws when the signature would not take it. */
  readonly checks: readonly Operand[]
  readonly call: (...values: never[]) => unknown
}

/**
 * The functions that are called natively, by name without `$`: JSONata's own, as far as they look at nothing but their
 * arguments and their work is in proportion to these.
 */
export const NATIVE_FUNCTIONS: ReadonlyMap<string, NativeFunction> = new Map([
  native('exists', 1, [anything]),
  native('boolean', 1, [scalar]),
  native('not', 1, [scalar]),
  native('string', 1, [scalar]),
  native('number', 1, [scalar]),
  native('length', 1, [text]),
  native('trim', 1, [text]),
  native('lowercase', 1, [text]),
  native('uppercase', 1, [text]),
  native('substring', 2, [text, number, number]),
  native('substringBefore', 2, [text, text]),
  native('substringAfter', 2, [text, text]),
  // JSONata's own gives a promise
  native('contains', 2, [text, text], (whole?: string, part = '') => whole?.includes(part)),
])

/** Compiles a call with compiled arguments; undefined when there are too few or too many of them. */
export function compileCall(
  { needed, checks, call }: NativeFunction,
  given: readonly Operand[],
): Operand | undefined {
  if (given.length < needed || given.length > checks.length) return undefined
  const apply = call as (...values: unknown[]) => unknown
  const [one, two, three] = given.map((operand, index) => {
    return checked(operand, checks[index] as Operand, index === 0)
  }) as [Operand, Operand?, Operand?]
  // spelled out, as a list of arguments would be made for every call; what it gives may have become too long
  if (two && three) return (input) => scalar(apply(one(input), two(input), three(input)))
  if (two) return (input) => scalar(apply(one(input), two(input)))
  return (input) => scalar(apply(one(input)))
}

function native(
  name: string,
  needed: number,
  checks: NativeFunction['checks'],
  call: NativeFunction['call'] = implementationOf(name),
): readonly [string, NativeFunction] {
  return [name, { needed, checks, call }]
}

// Only the first argument may be missing: of the others JSONata makes something of its own.
function checked(operand: Operand, check: Operand, mayMiss: boolean): Operand {
  if (!mayMiss) return (input) => check(operand(input))
  return (input) => {
    const value = operand(input)
    return value === undefined ? value : check(value)
  }
}

function anything(value: unknown): unknown {
  return value
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw BEYOND
}

function number(value: unknown): number {
  if (typeof value === 'number') return value
  throw BEYOND
}
