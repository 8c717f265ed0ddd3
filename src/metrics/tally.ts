import { Counter, type CounterConfiguration, type Registry } from '@prometheus-io/client'

/**
 * A counter that is handed to the registry when it is read: finding the labels there at each request would cost more
 * than everything else here. Counts under one value for each label.
 */
export function tally(
  registry: Registry,
  config: Pick<CounterConfiguration<string>, 'name' | 'help'> & { labelNames: string[] },
): (...values: readonly string[]) => void {
  const cells: Cell[] = []
  const root = new Map<string, Cell>()
  new Counter({
    ...config,
    registers: [registry],
    collect() {
      for (const cell of cells) {
        if (cell.count > 0) this.labels(...cell.labels).inc(cell.count)
        cell.count = 0
      }
    },
  })
  return (...values) => {
    let level = root
    let cell: Cell | undefined
    for (const [index, value] of values.entries()) {
      cell = level.get(value)
      if (!cell) {
        cell = { labels: values.slice(0, index + 1), count: 0, next: new Map() }
        level.set(value, cell)
        cells.push(cell)
      }
      level = cell.next
    }
    if (cell) cell.count += 1
  }
}

interface Cell {
  readonly labels: readonly string[]
  count: number
  readonly next: Map<string, Cell>
}
