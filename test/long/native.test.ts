import { describe, expect, it } from 'vitest'
import { checkNative } from '../support/native-check.ts'

const RUNS = 100_000

describe('what is evaluated natively', () => {
  it(`gives what JSONata gives, in ${RUNS} cases`, { timeout: 1_200_000 }, async () => {
    const seed = Date.now()
    const outcomes = await checkNative(RUNS, seed)
    process.stdout.write(`native evaluation, seed ${seed}: ${JSON.stringify(outcomes)}\n`)
    expect(outcomes.answered).toBeGreaterThan(RUNS / 3)
  })
})
