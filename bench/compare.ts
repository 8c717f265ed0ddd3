import type { Row, Sample } from './sample.ts'
import { markdownTable } from './table.ts'

/**
 * Two JSON files as a table: the figures of the later as multiples of those of the earlier. Runs at different times are
 * only comparable on a machine that does nothing else.
 */
export function compareRuns(earlier: readonly Row[], later: readonly Row[]): string {
  const nameOf = ({ scenario, contender }: Row) => `${scenario} ${contender}`
  const before = new Map(earlier.map((row) => [nameOf(row), row]))
  const rows = later.flatMap((after) => {
    const row = before.get(nameOf(after))
    if (!row) return []
    const times = (measure: keyof Sample) => `${(after[measure] / row[measure]).toFixed(2)} ×`
    const micros = [row, after].map(({ cpuMicros }) => cpuMicros.toFixed(1))
    return [
      [
        after.scenario,
        after.contender,
        ...micros,
        ...(['cpuMicros', 'rps', 'p50', 'p99', 'rssMb'] as const).map(times),
      ],
    ]
  })
  return markdownTable(
    ['scenario', 'contender', 'CPU µs', 'then', 'CPU', 'requests/s', 'p50', 'p99', 'RSS'],
    rows,
  )
}

/** Reads what `--json` wrote. Throws when it is something else. */
export function parseRun(text: string): Row[] {
  const rows: unknown = JSON.parse(text)
  if (Array.isArray(rows) && rows.every(isRow)) return rows
  throw new Error('expected a file that --json wrote')
}

function isRow(row: unknown): row is Row {
  const { scenario, contender, cpuMicros } = (row ?? {}) as Record<string, unknown>
  return (
    typeof scenario === 'string' && typeof contender === 'string' && typeof cpuMicros === 'number'
  )
}
