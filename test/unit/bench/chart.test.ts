import { describe, expect, it } from 'vitest'
import { barChart } from '../../../bench/chart.ts'
import type { Row } from '../../../bench/sample.ts'

const row = (scenario: string, contender: string, cpuMicros: number): Row => ({
  scenario,
  contender,
  cpuMicros,
  rps: 1,
  p50: 1,
  p99: 1,
  rssMb: 1,
})
const chart = barChart([
  row('cached', 'caddy', 100),
  row('cached', 'countersign', 50),
  row('rs256', 'a<b', 2000),
])

describe('the chart', () => {
  it('draws each bar on the scale of its scenario, cheapest first', () => {
    const widths = [...chart.matchAll(/<rect class="(\w+)".*? width="([\d.]+)"/g)]
    expect(widths.map(([, kind, width]) => [kind, Number(width)])).toEqual([
      ['ours', 260],
      ['other', 520],
      ['other', 520],
    ])
  })

  it('writes what it draws, and escapes it', () => {
    expect(chart).toContain('>50.0 µs<')
    expect(chart).toContain('>a&#60;b<')
  })

  it('has colours for dark pages', () => {
    expect(chart).toContain('prefers-color-scheme: dark')
  })
})
