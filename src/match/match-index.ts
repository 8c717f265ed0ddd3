import type { Matched } from '../compiled.ts'
import type { Criteria } from '../criteria.ts'
import { remembering } from '../header-name.ts'
import type { RequestHead } from '../types.ts'
import { addTo, createHeaderTable, findIn, type HeaderTable } from './header-table.ts'
import { withoutPort, withoutRootDot } from './host-name.ts'
import { createPathTree, type PathTree } from './path-tree.ts'
import { uriParams } from './uri-params.ts'

/** Finds entries by a request; never changed. Throws `request/ambiguous-path` for a `{name}` segment that is not UTF-8. */
export interface MatchIndex<T> {
  /** Every entry whose criteria the request fulfils, in the order given. */
  all(head: RequestHead): readonly Matched<T>[]
  /** The first of them. */
  first(head: RequestHead): Matched<T> | undefined
}

/** An entry as it is found, unless its path pattern has names. */
interface Placed<T> extends Matched<T> {
  readonly position: number
}

type Tree<T> = PathTree<HeaderTable<Placed<T>>>

/**
 * Indexes entries by host, then path, then header field, so that finding some costs no more with many others.
 * Those that differ in nothing but their methods, or in what only `holds` tells, are looked at one by one.
 */
export function createIndex<T extends { readonly criteria: Criteria }>(
  entries: readonly T[],
): MatchIndex<T> {
  const steps = buildIndex(entries)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same for many entries, with a step for each of them. */
export function* buildIndex<T extends { readonly criteria: Criteria }>(
  entries: readonly T[],
): Generator<void, MatchIndex<T>> {
  /** By host; under undefined what any host may have. */
  const trees = new Map<string | undefined, Tree<T>>()
  let depth = 0
  for (const [position, entry] of entries.entries()) {
    yield
    const { hosts = [undefined], path = [], headers } = entry.criteria
    depth = Math.max(depth, path.length)
    for (const host of hosts) {
      const tree = trees.get(host) ?? createPathTree(createHeaderTable<Placed<T>>)
      trees.set(host, tree)
      addTo(tree.at(path), { position, entry }, headers)
    }
  }
  const hasHosts = trees.size > (trees.has(undefined) ? 1 : 0)
  return {
    all(head) {
      const found: Matched<T>[] = []
      for (const placed of candidates(head)) {
        if (holds(head, placed.entry.criteria)) found.push(matched(placed, head))
      }
      return found
    },
    first(head) {
      for (const placed of candidates(head)) {
        if (holds(head, placed.entry.criteria)) return matched(placed, head)
      }
      return undefined
    },
  }

  /** Those whose host and path hold, and maybe the rest. */
  function candidates({ host, requestPath, headers }: RequestHead): readonly Placed<T>[] {
    const segments = depth === 0 ? [] : requestPath.slice(1).split('/', depth)
    let found: readonly Placed<T>[] = []
    for (const key of hasHosts ? hostKeys(host) : ANY_HOST) {
      for (const table of trees.get(key)?.along(segments) ?? []) {
        const more = findIn(table, headers)
        found = found.length === 0 ? more : [...found, ...more]
      }
    }
    return inOrder(found)
  }
}

/** Each once, by its position; the very list when it is so. */
function inOrder<T>(found: readonly Placed<T>[]): readonly Placed<T>[] {
  const isRising = found.every(
    ({ position }, index) => index === 0 || position > (found[index - 1] as Placed<T>).position,
  )
  if (isRising) return found
  const sorted = found.toSorted((a, b) => a.position - b.position)
  // one that has both `a` and `a:80` among its hosts is found twice
  return sorted.filter(({ position }, index) => position !== sorted[index - 1]?.position)
}

const ANY_HOST: readonly (string | undefined)[] = [undefined]

const hostKeys = remembering((host): readonly (string | undefined)[] => {
  const name = withoutRootDot(host)
  const bare = withoutPort(name)
  return name === bare ? [undefined, name] : [undefined, name, bare]
})

function holds(head: RequestHead, criteria: Criteria): boolean {
  const { methods, headers } = criteria
  if (methods && !methods.includes(head.method)) return false
  const isThere = headers?.every(({ name, values }) => {
    const sent = Object.hasOwn(head.headers, name) ? head.headers[name] : undefined
    return sent !== undefined && (!values || (values as readonly unknown[]).includes(sent))
  })
  return isThere !== false && (criteria.holds?.(head) ?? true)
}

function matched<T extends { readonly criteria: Criteria }>(
  placed: Matched<T>,
  { requestPath }: RequestHead,
): Matched<T> {
  const { entry } = placed
  const params = uriParams(entry.criteria.path, requestPath)
  return params ? { entry, uriParams: params } : placed
}
