import { Registry } from '@prometheus-io/client'

/** What one process counted, as JSON that another can read. */
export type MetricSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** The metrics of several processes as one text: what they counted is added up, other values as each metric says. */
export function mergedText(snapshots: readonly MetricSnapshot[]): Promise<string> {
  return Registry.aggregate([...snapshots]).metrics()
}

/** What is still to be counted of processes that have ended, so that no counter goes down: their totals, added up. */
export function totalsOf(snapshots: readonly MetricSnapshot[]): Promise<MetricSnapshot> {
  const totals = snapshots.map((snapshot) => snapshot.filter(({ type }) => isTotal(String(type))))
  return Registry.aggregate(totals).getMetricsAsJSON()
}

function isTotal(type: string): boolean {
  return type === 'counter' || type === 'histogram'
}
