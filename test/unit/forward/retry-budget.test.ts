import { expect, it } from 'vitest'
import { createRetryBudget } from '../../../src/forward/retry-budget.ts'

/** How many second attempts are allowed in a row. */
function drain(budget: ReturnType<typeof createRetryBudget>): number {
  let allowed = 0
  while (budget.withdraw()) allowed += 1
  return allowed
}

it('R12 allows ten second attempts at first, then one for five requests', () => {
  const budget = createRetryBudget()
  expect(drain(budget)).toBe(10)
  for (let sent = 0; sent < 50; sent += 1) budget.deposit()
  expect(drain(budget)).toBeGreaterThanOrEqual(9)
  expect(drain(budget)).toBe(0)
})

it('saves up a hundred at most', () => {
  const budget = createRetryBudget()
  for (let sent = 0; sent < 10_000; sent += 1) budget.deposit()
  expect(drain(budget)).toBe(100)
})
