import type { RequestContext } from '../types.ts'

/** A value that is there, or a promise of one. Most claims need no promise, and a request waits for none. */
export type Eventual<T> = T | Promise<T>

/** What `next` makes of a value: at once when it is there, else when it comes. */
export function chain<T, Result>(
  value: Eventual<T>,
  next: (value: T) => Eventual<Result>,
): Eventual<Result> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** What is evaluated for a request. */
export interface Evaluable<Result> {
  evaluate(context: RequestContext): Eventual<Result>
}

/**
 * What each item gives, one after the other: of several that fail, the first one decides, and none is left behind
 * whose failure nobody would see. `results` are those that are there already; default none.
 */
export function inOrder<Result>(
  items: readonly Evaluable<Result>[],
  context: RequestContext,
  results: Result[] = [],
): Eventual<Result[]> {
  while (results.length < items.length) {
    const result = (items[results.length] as Evaluable<Result>).evaluate(context)
    if (result instanceof Promise) {
      return result.then((later) => inOrder(items, context, [...results, later]))
    }
    results.push(result)
  }
  return results
}
