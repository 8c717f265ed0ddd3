import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPolicyBuckets } from '../../../src/config/policy-buckets.ts'
import { areDisjoint } from '../../../src/match/index.ts'
import type { Policy } from '../../../src/policy.ts'

type Matching = Pick<Policy, 'routes' | 'criteria'>

/** Puts each policy into the buckets after it was told those near it; how many these were. */
function compare(policies: readonly Matching[], each = (_near: readonly Matching[]) => {}) {
  const buckets = createPolicyBuckets(policies)<Matching>()
  let comparisons = 0
  for (const policy of policies) {
    const near = buckets.near(policy)
    comparisons += near.length
    each(near)
    buckets.add(policy, policy)
  }
  return comparisons
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'a:80', '[::1]', '[::1]:80'), {
  minLength: 1,
})
const header = fc.record(
  { name: fc.constantFrom('x-a', 'x-b', 'x-c', 'x-d', 'x-e'), values: names },
  { requiredKeys: ['name'] },
)
const matching = fc.record(
  {
    routes: names,
    criteria: fc.record(
      {
        hosts: names,
        headers: fc.uniqueArray(header, { selector: ({ name }) => name, maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['criteria'] },
)

describe('what is near a policy', () => {
  it('holds every other that may see the same request', () => {
    fc.assert(
      fc.property(fc.array(matching, { maxLength: 12 }), (policies) => {
        let index = 0
        compare(policies, (near) => {
          const policy = policies[index]
          const met = policies.slice(0, index).filter((other) => policy && mayMeet(other, policy))
          expect(near).toEqual(expect.arrayContaining(met))
          index += 1
        })
      }),
    )
  })

  const many = Array.from({ length: 5000 }, (_, index) => index)
  it.each<[string, Matching[]]>([
    [
      'routes',
      many.map((index) => ({ routes: [`r${index % 500}`], criteria: { methods: ['GET'] } })),
    ],
    [
      'the value of a header',
      many.map((index) => ({
        criteria: { headers: [{ name: 'x-tenant', values: [`t${index}`] }, { name: 'x-env' }] },
      })),
    ],
    ['hosts', many.map((index) => ({ criteria: { hosts: [`h${index}:80`] } }))],
  ])('is little where 5,000 are told apart by %s', (_what, policies) => {
    // each with each would be 12,497,500
    expect(compare(policies)).toBeLessThan(25_000)
  })
})

function mayMeet(one: Matching, other: Matching): boolean {
  const routes = one.routes && other.routes
  const isApart = routes && !one.routes?.some((name) => other.routes?.includes(name))
  return !isApart && !areDisjoint(one.criteria, other.criteria)
}
