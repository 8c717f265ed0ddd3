import { LIBRARY } from './builtins.ts'
import { type Node, nodes } from './syntax.ts'

/** True for a node that may take the root of the input without naming it. */
type TakesContext = (node: Node, atRoot: boolean) => boolean

/**
 * Finds the functions that JSONata may call with the context in place of an argument: those that are given too few,
 * and in doubt those that go by another name, whose calls cannot be followed.
 */
export function implicitContext(tree: Node): TakesContext {
  const all = nodes(tree, Number.POSITIVE_INFINITY)
  const lambdas = new Set(all.flatMap(boundLambda))
  // A tail call runs in the context of whoever called the function that it ends.
  const tails = new Set(all.flatMap((node) => (node.thunk && node.body ? node.body : [])))
  const chained = new Set(all.flatMap((node) => (node.type === 'apply' ? (node.rhs ?? []) : [])))
  // JSONata wraps a function that is an argument, so that no context reaches it; in a tail call it does not.
  const safe = new Set(
    all.flatMap((node) => {
      if (node.type !== 'function' || !node.procedure) return []
      return [node.procedure, ...(tails.has(node) ? [] : (node.arguments ?? []))]
    }),
  )

  function mayTake({ procedure, arguments: written = [] }: Node, more: number): boolean {
    if (procedure?.type === 'lambda') return false
    const name = procedure?.type === 'variable' ? String(procedure.value) : ''
    return LIBRARY.has(name) ? written.length + more < needed(name) : !lambdas.has(name)
  }

  return (node, atRoot) => {
    const given = chained.has(node) ? 1 : 0
    if (node.type === 'lambda') return node.signature?.definition.includes('-') ?? false
    if (node.type === 'variable') return !safe.has(node) && given < needed(String(node.value))
    return node.type === 'function' && (atRoot || tails.has(node)) && mayTake(node, given)
  }
}

// With fewer arguments, the function takes an object as context for its first one.
const NEEDED = new Map<string, number>([
  ...['string', 'boolean', 'not', 'keys', 'spread', 'clone'].map((name) => [name, 1] as const),
  ...['lookup', 'each', 'sift'].map((name) => [name, 2] as const),
])

function needed(name: string): number {
  return NEEDED.get(name) ?? 0
}

function boundLambda({ type, lhs, rhs }: Node): string[] {
  const isBound = type === 'bind' && (rhs?.type === 'lambda' || rhs?.type === 'partial')
  return isBound ? [String((lhs as Node).value)] : []
}
