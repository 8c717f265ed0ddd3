/** Keeps lines of one kind from filling the log. */
export interface Flood {
  /** False for a line that is left out, as many of its kind were written in this second. */
  admits(kind: string): boolean
}

/** Lines of one kind that are written in a second. */
export const LINES_A_SECOND = 100
const SECOND = 1000

/** Creates one; `told` hears at the end of a second how many lines of a kind were left out. */
export function createFlood(told: (kind: string, leftOut: number) => void): Flood {
  const seen = new Map<string, number>()
  return {
    admits(kind) {
      const lines = (seen.get(kind) ?? 0) + 1
      seen.set(kind, lines)
      if (lines === 1) setTimeout(end, SECOND, kind).unref()
      return lines <= LINES_A_SECOND
    },
  }
  function end(kind: string): void {
    const leftOut = (seen.get(kind) ?? 0) - LINES_A_SECOND
    seen.delete(kind)
    if (leftOut > 0) told(kind, leftOut)
  }
}
