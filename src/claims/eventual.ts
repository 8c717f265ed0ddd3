/** A value that is there, or a promise of one. Most claims need no promise, and a request waits for none. */
export type Eventual<T> = T | Promise<T>

/** What `next` makes of a value: at once when it is there, else when it comes. */
export function chain<T, Result>(
  value: Eventual<T>,
  next: (value: T) => Eventual<Result>,
): Eventual<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/**
 * What `visit` gives for each item, one after the other: of several that fail, the first one decides, and
 * none is left behind whose failure nobody would see.
 */
export function inOrder<T, Result>(
  items: readonly T[],
  visit: (item: T) => Eventual<Result>,
): Eventual<Result[]> {
  const results: Result[] = []
  for (const [index, item] of items.entries()) {
    const result = visit(item)
    if (result instanceof Promise) return rest(results, result, items.slice(index + 1), visit)
    results.push(result)
  }
  return results
}

async function rest<T, Result>(
  results: Result[],
  awaited: Promise<Result>,
  items: readonly T[],
  visit: (item: T) => Eventual<Result>,
): Promise<Result[]> {
  results.push(await awaited)
  for (const item of items) results.push(await visit(item))
  return results
}
