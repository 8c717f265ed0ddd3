import type { Node } from './syntax.ts'

/** A member of the input of an expression. */
export type Root = (typeof TOKEN_ROOTS)[number]

/** The members of the input of every expression. */
export const ROOTS = [
  'attributes',
  'authentication',
  'payload',
  'upstream',
  'tokens',
  'vars',
] as const

/** What an expression sees where a token is made: its own key and account as well. */
export const TOKEN_ROOTS = [...ROOTS, 'account', 'key'] as const

/** Names that a path reads, from the root of the input on; undefined when it begins elsewhere. */
export function rootSteps(path: Node, atRoot: boolean): Node[] | undefined {
  const [first, ...rest] = path.steps ?? []
  if (first?.type === 'name') return atRoot ? path.steps : undefined
  const isRoot =
    first?.type === 'variable' && (first.value === '$' || (first.value === '' && atRoot))
  // With a predicate or position in between, what follows is still read from the root's members.
  return isRoot && rest[0]?.type === 'name' ? rest : undefined
}
