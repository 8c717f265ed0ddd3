import { describe, expect, it } from 'vitest'
import { compareRuns, parseRun } from '../../../bench/compare.ts'
import type { Row } from '../../../bench/sample.ts'

const row = (contender: string, cpuMicros: number): Row => ({
  scenario: 'cached',
  contender,
  cpuMicros,
  rps: 1000,
  p50: 1,
  p99: 2,
  rssMb: 100,
})

describe('two runs', () => {
  it('are compared where both measured, later to earlier', () => {
    const table = compareRuns([row('ours', 80), row('gone', 1)], [row('ours', 40), row('new', 1)])
    const [, , ...lines] = table.split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/cached.*ours.*80\.0.*40\.0.*0\.50 ×.*1\.00 ×/)
  })

  it('are read back as they were written', () => {
    expect(parseRun(JSON.stringify([row('ours', 80)]))).toEqual([row('ours', 80)])
  })

  it.each(['{}', '[1]', '[{ "scenario": "cached" }]'])('are not read from %s', (text) => {
    expect(() => parseRun(text)).toThrow(/a file that --json wrote/)
  })
})
