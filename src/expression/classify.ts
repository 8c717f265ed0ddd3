import type { ContextMember } from '../types.ts'
import { FUNCTIONS } from './functions.ts'
import { implicitContext } from './implicit-context.ts'
import { type Root, rootSteps } from './roots.ts'
import { children, type Node } from './syntax.ts'

/** What can be said of an expression without evaluating it. */
export interface Traits {
  /** True when two evaluations of one request context may differ. */
  readonly volatile: boolean
  /** Members of the request context that it reads, or may read. */
  readonly reads: ReadonlySet<ContextMember>
}

/** Finds which of `roots` an expression reads and whether it is volatile; in doubt it reads, and is. */
export function traits(tree: Node, roots: readonly Root[]): Traits {
  const reads = new Set<ContextMember>()
  const chained = new Set<Node>()
  const alone = new Set<Node>()
  const takesContext = implicitContext(tree)
  let volatile = false
  const readAll = () => {
    for (const root of roots) reads.add(root)
    reads.add('header *')
  }
  const visit = (node: Node, atRoot: boolean): void => {
    if (readsContext(node, atRoot) || takesContext(node, atRoot)) readAll()
    if (node.type === 'variable') {
      const { volatile: fresh = false, reads: member } = FUNCTIONS[String(node.value)] ?? {}
      volatile ||= fresh
      if (member) reads.add(member)
    }
    // Given a picture, it takes a date that the text does not hold from the clock.
    if (node.type === 'apply' && node.rhs) chained.add(node.rhs)
    if (node.type === 'function' && node.procedure && node.arguments?.length === 1) {
      if (!chained.has(node)) alone.add(node.procedure)
    }
    volatile ||= node.type === 'variable' && node.value === 'toMillis' && !alone.has(node)
    const steps = node.type === 'path' ? rootSteps(node, atRoot) : undefined
    if (steps) for (const member of membersRead(steps.map(nameOf))) reads.add(member)
    for (const child of children(node)) {
      const isRootOfSteps = steps !== undefined && child.node === node.steps?.[0]
      const hasStages = child.node.stages !== undefined || child.node.predicate !== undefined
      if (isRootOfSteps && child.node.type === 'variable' && !hasStages) continue
      visit(child.node, atRoot && child.sameContext)
    }
  }
  visit(tree, true)
  return { volatile, reads }
}

/** What a path reads, by its names from the root on; undefined is a step that is not a name. */
export function membersRead(names: readonly (string | undefined)[]): ContextMember[] {
  const [root, part, name] = names
  if (root !== 'attributes') return [root as ContextMember]
  if (part === 'headers') return ['attributes', `header ${name ?? '*'}`]
  return part === undefined ? ['attributes', 'header *'] : ['attributes']
}

/** A path that only reads member after member from the input. */
export interface PlainPath {
  readonly names: readonly string[]
  /** True for `[0]` behind the last name: the first item of an array there, and anything else itself. */
  readonly first: boolean
}

/** The expression as a plain path, or undefined when it is more. */
export function plainPath(node: Node): PlainPath | undefined {
  if (node.type !== 'path' || node.predicate || node.group || node.keepArray) return undefined
  if (node.keepSingletonArray || node.tuple) return undefined
  const steps = rootSteps(node, true) ?? []
  const [start] = node.steps ?? []
  if (start?.type === 'variable' && (start.predicate || start.stages)) return undefined
  const first = isFirst(steps.at(-1))
  const isPlain = steps.every((step, index) => {
    const { type, stages, predicate, focus, index: at, tuple, group, keepArray } = step
    const hasStages = stages !== undefined && !(first && index === steps.length - 1)
    return (
      type === 'name' && !hasStages && !predicate && !focus && !at && !tuple && !group && !keepArray
    )
  })
  if (!isPlain || steps.length === 0) return undefined
  return { names: steps.map((step) => String(step.value)), first }
}

function isFirst(step: Node | undefined): boolean {
  const [only, ...more] = step?.stages ?? []
  return (
    more.length === 0 &&
    only?.type === 'filter' &&
    only.expr?.type === 'number' &&
    Object.is(only.expr.value, 0)
  )
}

function nameOf({ type, value }: Node): string | undefined {
  return type === 'name' ? String(value) : undefined
}

function readsContext(node: Node, atRoot: boolean): boolean {
  if (node.type === 'variable') return node.value === '$' || (node.value === '' && atRoot)
  if (node.type === 'parent') return true
  return atRoot && (node.type === 'wildcard' || node.type === 'descendant')
}
