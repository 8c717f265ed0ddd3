import type { Matched } from '../compiled.ts'
import type { Criteria } from '../criteria.ts'
import type { RequestHead } from '../types.ts'
import { createHeaderTable, type HeaderTable } from './header-table.ts'
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

interface Placed<T> {
  readonly position: number
  readonly entry: T
}

type Tree<T> = PathTree<HeaderTable<Placed<T>>>

/**
 * Indexes entries by host, then path, then header field, so that finding some costs no more with many others.
 * Those that differ in nothing but their methods, or in what only `holds` tells, are looked at one by one.
 */
export function createIndex<T extends { readonly criteria: Criteria }>(
  entries: readonly T[],
): MatchIndex<T> {
  /** By host; under undefined what any host may have. */
  const trees = new Map<string | undefined, Tree<T>>()
  let depth = 0
  for (const [position, entry] of entries.entries()) {
    const { hosts = [undefined], path = [], headers } = entry.criteria
    depth = Math.max(depth, path.length)
    for (const host of hosts) {
      const tree = trees.get(host) ?? createPathTree(createHeaderTable<Placed<T>>)
      trees.set(host, tree)
      tree.at(path).add({ position, entry }, headers)
    }
  }
  const hasHosts = trees.size > (trees.has(undefined) ? 1 : 0)
  return {
    all: (head) =>
      candidates(head)
        .filter(({ criteria }) => holds(head, criteria))
        .map((entry) => matched(entry, head)),
    first(head) {
      const entry = candidates(head).find(({ criteria }) => holds(head, criteria))
      return entry && matched(entry, head)
    },
  }

  /** Those whose host and path hold, and maybe the rest. */
  function candidates({ host, requestPath, headers }: RequestHead): T[] {
    const segments = requestPath.slice(1).split('/', depth)
    const found: Placed<T>[] = []
    for (const key of hasHosts ? hostKeys(host) : [undefined]) {
      for (const table of trees.get(key)?.along(segments) ?? []) {
        for (const placed of table.find(headers)) found.push(placed)
      }
    }
    found.sort((a, b) => a.position - b.position)
    // one that has both `a` and `a:80` among its hosts is found twice
    return found
      .filter(({ position }, index) => position !== found[index - 1]?.position)
      .map(({ entry }) => entry)
  }
}

function hostKeys(host: string): readonly (string | undefined)[] {
  const name = withoutRootDot(host)
  const bare = withoutPort(name)
  return name === bare ? [undefined, name] : [undefined, name, bare]
}

function holds(head: RequestHead, criteria: Criteria): boolean {
  const { methods, headers = [] } = criteria
  if (methods && !methods.includes(head.method)) return false
  const isThere = headers.every(({ name, values }) => {
    const sent = Object.hasOwn(head.headers, name) ? head.headers[name] : undefined
    return sent !== undefined && (!values || (values as readonly unknown[]).includes(sent))
  })
  return isThere && (criteria.holds?.(head) ?? true)
}

function matched<T extends { readonly criteria: Criteria }>(
  entry: T,
  { requestPath }: RequestHead,
): Matched<T> {
  const params = uriParams(entry.criteria.path, requestPath)
  return params ? { entry, uriParams: params } : { entry }
}
