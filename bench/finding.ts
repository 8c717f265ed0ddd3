/** A target, and what was measured of it. */
export interface Finding {
  /** Its number in docs/performance.md. */
  readonly target: number
  readonly what: string
  readonly measured: number
  readonly limit: number
  /** True when more is better. */
  readonly isFloor: boolean
  /** What is counted: `×`, `µs`, `ms`, `MB`. */
  readonly unit: string
}

/** A target that is met by `limit` and all below. */
export function atMost(
  target: number,
  what: string,
  limit: number,
  measured: number,
  unit = '×',
): Finding {
  return { target, what, measured, limit, isFloor: false, unit }
}

/** A target that is met by `limit` and all above. */
export function atLeast(
  target: number,
  what: string,
  limit: number,
  measured: number,
  unit = '×',
): Finding {
  return { target, what, measured, limit, isFloor: true, unit }
}

/** False, too, when nothing was measured. */
export function isMet({ measured, limit, isFloor }: Finding): boolean {
  return isFloor ? measured >= limit : measured <= limit
}
