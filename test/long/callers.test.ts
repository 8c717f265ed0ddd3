import { describe, expect, it } from 'vitest'
import { runCallers } from '../support/callers.ts'

describe('100,000 callers of one policy', () => {
  it('get tokens of their own from a cache that keeps within its bound', async () => {
    const { mixed, results, kept } = await runCallers(100_000, 5000)
    expect(mixed).toEqual([])
    expect(kept).toBeLessThanOrEqual(5000)
    expect(results.hit).toBeGreaterThan(5000)
  }, 300_000)
})
