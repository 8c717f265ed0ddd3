import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

/** What the benchmark was asked to do. */
export interface Flags {
  readonly scenarios: readonly Scenario[]
  /** Default 5. */
  readonly rounds: number
  /** How long each contender is loaded in a round. Default 5, at most 8. */
  readonly seconds: number
  /** Where the medians are written as JSON. */
  readonly json?: string
  /** True to write the tables and the chart to docs/performance.md. */
  readonly write: boolean
  /** An installed package to measure. Default: this one, built anew. */
  readonly package?: string
  /** Two files of `--json` to compare in place of a run. */
  readonly compare?: readonly [earlier: string, later: string]
}

/** As `parseArgs` takes them. */
export const OPTIONS = {
  only: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '5' },
  json: { type: 'string' },
  write: { type: 'boolean', default: false },
  package: { type: 'string' },
  compare: { type: 'boolean', default: false },
} as const

/** Reads the command line. Throws when something in it was not expected. */
export function parseFlags(args: readonly string[]): Flags {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: OPTIONS,
  })
  const { only, json, write } = values
  if (values.compare ? positionals.length !== 2 : positionals.length > 0) {
    throw new Error('expected two files after --compare, and nothing else that is no flag')
  }
  const [earlier = '', later = ''] = positionals
  return {
    scenarios: only === undefined ? SCENARIOS : only.split(',').map(named),
    rounds: whole('rounds', values.rounds, 100),
    seconds: whole('seconds', values.seconds, 8),
    write,
    ...(values.package !== undefined && { package: resolve(values.package) }),
    ...(json !== undefined && { json }),
    ...(values.compare && { compare: [earlier, later] as const }),
  }
}

function named(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name)
  if (scenario) return scenario
  throw new Error(`expected --only of ${SCENARIOS.map((each) => each.name).join(', ')}`)
}

function whole(flag: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`expected --${flag} from 1 to ${most}`)
}
