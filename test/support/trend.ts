/** How something that was read every second went on. */
export interface Trend {
  readonly first: number
  readonly last: number
  /** Slope of the line with the least squares; 0 for less than two values. */
  readonly perMinute: number
}

/** The trend of `values`, one a second; NaN for what there is not. */
export function trend(values: readonly number[]): Trend {
  const { length } = values
  const middle = (length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / length
  let along = 0
  let square = 0
  for (const [second, value] of values.entries()) {
    along += (second - middle) * (value - mean)
    square += (second - middle) ** 2
  }
  return {
    first: values[0] ?? Number.NaN,
    last: values.at(-1) ?? Number.NaN,
    perMinute: square === 0 ? 0 : (along / square) * 60,
  }
}
