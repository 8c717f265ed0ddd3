import type { Segment } from '../criteria.ts'

/** Values by the path pattern that they stand under. */
export interface PathTree<T> {
  /** The value under a pattern; made when there is none. */
  at(path: readonly Segment[]): T
  /** The values under every pattern that the segments of a path begin with; visits no node twice. */
  along(segments: readonly string[]): T[]
  /** The values under every pattern that some path can match which matches this one, too. */
  meeting(path: readonly Segment[]): T[]
}

interface Node<T> {
  value?: T
  /** Absent at the end of every path. */
  literal?: Map<string, Node<T>>
  named?: Node<T>
}

/** Creates a tree without a value. */
export function createPathTree<T>(create: () => T): PathTree<T> {
  const root: Node<T> = {}
  return {
    at(path) {
      let node = root
      for (const segment of path) node = below(node, segment)
      node.value ??= create()
      return node.value
    },
    along(segments) {
      const values: T[] = []
      let level = [root]
      for (let depth = 0; level.length > 0; depth += 1) {
        for (const { value } of level) if (value !== undefined) values.push(value)
        const segment = segments[depth]
        // behind the slash at the end of a path there is nothing that a name could stand for
        if (segment === undefined || segment === '') break
        const next: Node<T>[] = []
        for (const { literal, named } of level) {
          const exact = literal?.get(segment)
          if (exact) next.push(exact)
          if (named) next.push(named)
        }
        level = next
      }
      return values
    },
    meeting(path) {
      const values: T[] = []
      let level = [root]
      for (let depth = 0; level.length > 0; depth += 1) {
        for (const { value } of level) if (value !== undefined) values.push(value)
        level = level.flatMap((node) => childrenMeeting(node, path[depth]))
      }
      return values
    },
  }
}

// A name stands for any text, and behind the end of a pattern may follow anything.
function childrenMeeting<T>({ literal, named }: Node<T>, segment?: Segment): Node<T>[] {
  if (!literal) return named ? [named] : []
  const texts = typeof segment === 'string' ? [literal.get(segment)] : literal.values()
  return [...texts, named].filter((node) => node !== undefined)
}

function below<T>(node: Node<T>, segment: Segment): Node<T> {
  if (typeof segment !== 'string') {
    node.named ??= {}
    return node.named
  }
  node.literal ??= new Map()
  const known = node.literal.get(segment)
  if (known) return known
  const made: Node<T> = {}
  node.literal.set(segment, made)
  return made
}
