import { expect, it } from 'vitest'
import { countRenewalFailures } from '../../../src/config/renewal-failures.ts'
import { CountersignError } from '../../../src/errors.ts'
import type { ObservedEvent } from '../../../src/observe.ts'

it('tells every failure with the count of its policy', () => {
  const events: ObservedEvent[] = []
  const tell = countRenewalFailures((event) => void events.push(event))
  const error = new CountersignError('key/unavailable', 'expected a signature')
  for (const policy of ['a', 'b', 'a']) tell(policy, error, 7)
  const common = { type: 'renewal', error, servedUntil: 7 }
  expect(events).toEqual([
    { ...common, policy: 'a', failures: 1 },
    { ...common, policy: 'b', failures: 1 },
    { ...common, policy: 'a', failures: 2 },
  ])
})
