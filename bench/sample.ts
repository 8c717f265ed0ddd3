import { median } from './median.ts'

/** What one contender did in one round. */
export interface Sample {
  /** CPU time of all its processes, user and system, in microseconds a request. */
  readonly cpuMicros: number
  /** Requests a second. */
  readonly rps: number
  /** Milliseconds from request to answer: the median. */
  readonly p50: number
  /** Milliseconds from request to answer: 99 % were faster. */
  readonly p99: number
  /** Resident memory of all its processes after the round, in megabytes of 2^20 bytes. */
  readonly rssMb: number
}

/** The rounds of each contender, by its name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

/** The medians of a contender in a scenario: a line of the JSON file. */
export interface Row extends Sample {
  readonly scenario: string
  readonly contender: string
}

/** A row for each contender. */
export function rowsOf(scenario: string, samples: Samples): Row[] {
  return [...samples].map(([contender, rounds]) => {
    const of = (measure: keyof Sample) => median(rounds.map((sample) => sample[measure]))
    return {
      scenario,
      contender,
      cpuMicros: of('cpuMicros'),
      rps: of('rps'),
      p50: of('p50'),
      p99: of('p99'),
      rssMb: of('rssMb'),
    }
  })
}

/**
 * Median of the ratios of `one` to `other`, round by round: what slows the machine for a while slows both. NaN when
 * one of them did not take part.
 */
export function ratio(
  samples: Samples,
  one: string,
  other: string,
  measure: keyof Sample = 'cpuMicros',
): number {
  const others = samples.get(other) ?? []
  const ratios = (samples.get(one) ?? []).flatMap((sample, round) => {
    const against = others[round]
    return against ? [sample[measure] / against[measure]] : []
  })
  return median(ratios)
}
