import { plainPath } from '../classify.ts'
import { constant } from '../constant.ts'
import { type Node, nodes } from '../syntax.ts'
import { compileCall, NATIVE_FUNCTIONS } from './functions.ts'
import { readMember } from './member.ts'
import { isScalar, type Operand } from './operand.ts'
import { isTrue, OPERATORS } from './operators.ts'

/**
 * Compiles an expression of scalars, plain paths, operators and functions to closures that give at once what JSONata
 * gives; undefined when there is anything else in it. Its work needs no meter: few nodes, each evaluated once, on short
 * texts. More nodes than `steps` are never evaluated.
 */
export function compileNative(tree: Node, steps: number): Operand | undefined {
  const isSmall = nodes(tree, Number.POSITIVE_INFINITY).length <= Math.min(steps, MAX_NODES)
  return isSmall ? compile(tree) : undefined
}

const MAX_NODES = 100

/** What compiles a node of one type; undefined when the node is more than is evaluated natively. */
type Kind = (node: Node) => Operand | undefined

const KINDS: Readonly<Record<string, Kind>> = {
  path,
  block,
  binary,
  condition,
  function: call,
  apply,
}

function compile(node: Node): Operand | undefined {
  return isPlain(node) ? (literal(node) ?? KINDS[node.type]?.(node)) : undefined
}

function isPlain({ predicate, group, keepArray }: Node): boolean {
  return !predicate && !group && !keepArray
}

function literal(node: Node): Operand | undefined {
  const value = constant(node)?.value
  const isSimple = isScalar(value) || (Array.isArray(value) && value.every(isScalar))
  return isSimple ? () => value : undefined
}

function path(node: Node): Operand | undefined {
  const plain = plainPath(node)
  return plain && readMember(plain)
}

function block({ expressions = [] }: Node): Operand | undefined {
  const [only, ...more] = expressions
  return only && more.length === 0 ? compile(only) : undefined
}

function binary({ value, lhs, rhs }: Node): Operand | undefined {
  const operator = OPERATORS[String(value)]
  const left = compile(lhs as Node)
  const right = compile(rhs as Node)
  return operator && left && right && operator(left, right)
}

function condition({ condition, then, else: otherwise }: Node): Operand | undefined {
  const test = compile(condition as Node)
  const yes = compile(then as Node)
  const no = otherwise ? compile(otherwise) : () => undefined
  if (!test || !yes || !no) return undefined
  if (isDefault(condition as Node, then as Node)) {
    return (input) => {
      const value = yes(input)
      return value === undefined ? no(input) : value
    }
  }
  return (input) => (isTrue(test(input)) ? yes(input) : no(input))
}

// The parser writes `value ?? other` as `$exists(value) ? value : other`, with the same value twice.
function isDefault({ procedure, arguments: [tested] = [] }: Node, then: Node): boolean {
  return procedure?.value === 'exists' && JSON.stringify(tested) === JSON.stringify(then)
}

function call({ procedure, arguments: given = [] }: Node): Operand | undefined {
  return procedure && callOf(procedure, given)
}

// `value ~> $call` and `value ~> $call(more)`
function apply({ lhs, rhs }: Node): Operand | undefined {
  const { procedure, arguments: more = [] } = rhs as Node
  return isPlain(rhs as Node)
    ? callOf(procedure ?? (rhs as Node), [lhs as Node, ...more])
    : undefined
}

function callOf(callee: Node, given: readonly Node[]): Operand | undefined {
  const native =
    isPlain(callee) && callee.type === 'variable' && NATIVE_FUNCTIONS.get(String(callee.value))
  const operands = given.flatMap((node) => compile(node) ?? [])
  return native && operands.length === given.length ? compileCall(native, operands) : undefined
}
