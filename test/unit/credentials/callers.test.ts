import { describe, expect, it } from 'vitest'
import { runCallers } from '../../support/callers.ts'

describe('20,000 callers of one policy', () => {
  it('get tokens of their own from a cache that keeps within its bound', async () => {
    const { mixed, results, kept } = await runCallers(20_000, 1000)
    expect(mixed).toEqual([])
    expect(kept).toBeLessThanOrEqual(1000)
    // else it would not be the cache that was tried
    expect(results.hit).toBeGreaterThan(1000)
  }, 60_000)
})
