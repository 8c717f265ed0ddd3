/** Descriptors for everything but the exchanges: files, listeners, and who asks the management listener. */
const RESERVED = 40

/**
 * How many connections of clients fit into the descriptors that a process may open: each may need another
 * connection, to an upstream. Infinite where the limit is not known.
 */
export function connectionsThatFit(descriptors: number | undefined): number {
  if (descriptors === undefined) return Number.POSITIVE_INFINITY
  return Math.max(1, Math.floor((descriptors - RESERVED) / 2))
}
