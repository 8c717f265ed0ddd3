import type { Node } from './syntax.ts'

/** A value known when the expression is compiled; null and false are values, too. */
export interface Constant {
  readonly value: unknown
}

/** The value of an expression that is one whatever the request: literals, and arithmetic on them. */
export function constant(node: Node): Constant | undefined {
  if (node.predicate || node.group || node.keepArray) return undefined
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
      return { value: node.value }
    case 'block':
      return node.expressions?.length === 1 ? constant(node.expressions[0] as Node) : undefined
    case 'binary':
      return arithmetic(node)
    case 'unary':
      if (node.value === '[') return array(node.expressions ?? [])
      return node.value === '{' && Array.isArray(node.lhs) ? object(node.lhs) : undefined
    default:
      return undefined
  }
}

function arithmetic(node: Node): Constant | undefined {
  const left = constant(node.lhs as Node)?.value
  const right = node.rhs && constant(node.rhs)?.value
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  const value = calculate(String(node.value), left, right)
  return value !== undefined && Number.isFinite(value) ? { value } : undefined
}

function calculate(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    default:
      return undefined
  }
}

function array(items: readonly Node[]): Constant | undefined {
  const values = items.map(constant)
  // A block that gives an array is flattened into the one around it; leave that to JSONata.
  const isFlat = items.every(
    (item, index) => item.type === 'unary' || !Array.isArray(values[index]?.value),
  )
  return isFlat && values.every(isDefined) ? { value: values.map(({ value }) => value) } : undefined
}

function object(pairs: readonly [Node, Node][]): Constant | undefined {
  // Without a prototype, so that `__proto__` is a name like any other.
  const members = Object.create(null) as Record<string, unknown>
  for (const [name, value] of pairs) {
    const [key, member] = [constant(name)?.value, constant(value)]
    // A name that stands twice is an error, which JSONata reports.
    if (typeof key !== 'string' || key in members || !member) return undefined
    members[key] = member.value
  }
  return { value: members }
}

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined
}
