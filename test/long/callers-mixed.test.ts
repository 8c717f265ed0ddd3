import { expect, it } from 'vitest'
import { mixCallers } from '../support/mixed-callers.ts'

it('T116 gives 200 callers, 50 requests each, tokens about themselves from the cache', async () => {
  const { served, mixed, results } = await mixCallers(200, 50)
  expect([served, mixed]).toEqual([10_000, []])
  expect(results.hit).toBeGreaterThan(5000)
})
