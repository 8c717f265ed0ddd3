import { BEYOND, type Operand, type Scalar, SHORT, scalar } from './operand.ts'

/** A binary operator of JSONata on two compiled operands. */
type Operator = (left: Operand, right: Operand) => Operand

/** The operators that are evaluated natively, by how they are written. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  and: (left, right) => (input) => isTrue(left(input)) && isTrue(right(input)),
  or: (left, right) => (input) => isTrue(left(input)) || isTrue(right(input)),
  '=': onScalars((left, right) => !isMissing(left, right) && left === right),
  '!=': onScalars((left, right) => !isMissing(left, right) && left !== right),
  '<': onOrdered((left, right) => left < right),
  '<=': onOrdered((left, right) => left <= right),
  '>': onOrdered((left, right) => left > right),
  '>=': onOrdered((left, right) => left >= right),
  '&': onScalars((left, right) => joined(textOf(left), textOf(right))),
  in: (left, right) => (input) => includes(right(input), scalar(left(input))),
}

/** The effective boolean value of JSONata; false for what is missing. Throws for an object or array. */
export function isTrue(value: unknown): boolean {
  return Boolean(scalar(value))
}

/** What `$string` gives for a scalar. */
function textOf(value: Scalar | undefined): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  // as JSONata does, so that 0.1 + 0.2 is 0.3
  const isFraction = typeof value === 'number' && !Number.isInteger(value)
  return JSON.stringify(isFraction ? Number(value.toPrecision(15)) : value)
}

function onScalars(
  combine: (left: Scalar | undefined, right: Scalar | undefined) => unknown,
): Operator {
  return (left, right) => (input) => combine(scalar(left(input)), scalar(right(input)))
}

function onOrdered(compare: (left: string | number, right: string | number) => boolean): Operator {
  return onScalars((left, right) => {
    const isText = typeof left === 'string' && typeof right === 'string'
    if (isText || (typeof left === 'number' && typeof right === 'number')) {
      return compare(left, right)
    }
    // JSONata says what is wrong with other types, if anything
    throw BEYOND
  })
}

function isMissing(left: unknown, right: unknown): boolean {
  return left === undefined || right === undefined
}

function joined(left: string, right: string): string {
  if (left.length + right.length > SHORT) throw BEYOND
  return left + right
}

function includes(whole: unknown, part: Scalar | undefined): boolean {
  if (!Array.isArray(whole)) return !isMissing(whole, part) && scalar(whole) === part
  if (whole.length > SHORT) throw BEYOND
  return part !== undefined && whole.includes(part)
}
