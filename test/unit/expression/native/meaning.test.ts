import { describe, expect, it } from 'vitest'
import { checkNative } from '../../../support/native-check.ts'

const RUNS = 3000

describe('what is evaluated natively', () => {
  it('gives what JSONata gives, on any expression and any data', { timeout: 60_000 }, async () => {
    const { answered, left } = await checkNative(RUNS, 1)
    // else too little is compared
    expect(answered).toBeGreaterThan(RUNS / 3)
    expect(left).toBeGreaterThan(RUNS / 20)
  })
})
