import { expect, it } from 'vitest'
import { jitter } from '../../../src/cache/jitter.ts'

it.each([
  [0, 1],
  [0xff, 1.25],
])('makes of the random byte %d the factor %d', (byte, factor) => {
  expect(jitter({ random: () => Uint8Array.of(byte) })).toBe(factor)
})
