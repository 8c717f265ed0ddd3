import { expect, it } from 'vitest'
import { connectionsThatFit } from '../../../../src/hosts/standalone/descriptors.ts'

it.each([
  [64, 12],
  [1024, 492],
  [10, 1],
  [undefined, Number.POSITIVE_INFINITY],
])('leaves room for upstreams and files among %s descriptors', (limit, connections) => {
  expect(connectionsThatFit(limit)).toBe(connections)
})
