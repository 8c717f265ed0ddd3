import { expect, it } from 'vitest'
import { ratio, rowsOf, type Sample, type Samples } from '../../../bench/sample.ts'

const sample = (cpuMicros: number, p99 = 1): Sample => ({
  cpuMicros,
  rps: 1,
  p50: 1,
  p99,
  rssMb: 1,
})
const samples: Samples = new Map([
  // in the second round the machine was slow for both
  ['ours', [sample(10, 5), sample(40, 5), sample(12, 5)]],
  ['theirs', [sample(20), sample(80), sample(30)]],
])

it('gives the medians of each contender as a row', () => {
  const rest = { scenario: 'cached', rps: 1, p50: 1, rssMb: 1 }
  expect(rowsOf('cached', samples)).toEqual([
    { ...rest, contender: 'ours', cpuMicros: 12, p99: 5 },
    { ...rest, contender: 'theirs', cpuMicros: 30, p99: 1 },
  ])
})

it('compares contenders round by round, so that a slow round changes nothing', () => {
  expect(ratio(samples, 'ours', 'theirs')).toBe(0.5)
  expect(ratio(samples, 'ours', 'theirs', 'p99')).toBe(5)
})

it('has no ratio to a contender that did not take part', () => {
  expect(ratio(samples, 'ours', 'absent')).toBeNaN()
})
