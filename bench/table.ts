import { type Finding, isMet } from './finding.ts'
import { median, spread } from './median.ts'
import { ratio, type Sample, type Samples } from './sample.ts'

/** A table in Markdown, which reads well in a terminal too. Numbers stand to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const isNumeric = head.map((_, column) => rows.every((row) => /^[\d–-]/.test(row[column] ?? '')))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0
      return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => '-'.repeat(width - (isNumeric[column] ? 1 : 0)))
  const ruled = rule.map((dashes, column) => (isNumeric[column] ? `${dashes}:` : dashes))
  return [line(head), line(ruled), ...rows.map(line)].join('\n')
}

/** The contenders of a scenario, in medians of their rounds. */
export function samplesTable(samples: Samples): string {
  const head = ['contender', 'CPU µs/request', 'least to most', 'countersign to it']
  const rows = [...samples].map(([name, rounds]) => {
    const of = (measure: keyof Sample) => median(rounds.map((sample) => sample[measure]))
    const [least, most] = spread(rounds.map(({ cpuMicros }) => cpuMicros))
    return [
      name,
      figure(of('cpuMicros')),
      `${figure(least)}–${figure(most)}`,
      `${ratio(samples, 'countersign', name).toFixed(2)} ×`,
      Math.round(of('rps')).toLocaleString('en'),
      of('p50').toFixed(2),
      of('p99').toFixed(2),
      figure(of('rssMb')),
    ]
  })
  return markdownTable([...head, 'requests/s', 'p50 ms', 'p99 ms', 'RSS MB'], rows)
}

/** Targets, and whether they were met. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings
    .toSorted((a, b) => a.target - b.target)
    .map((finding) => {
      const { target, what, limit, measured, isFloor, unit } = finding
      const bound = `${isFloor ? '≥' : '≤'} ${limit.toLocaleString('en')} ${unit}`
      return [
        String(target),
        what,
        bound,
        `${figure(measured)} ${unit}`,
        isMet(finding) ? 'met' : '**not met**',
      ]
    })
  return markdownTable(['target', 'what', 'to meet', 'measured', ''], rows)
}

/** Three figures, which is more than a noisy machine gives. */
function figure(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
