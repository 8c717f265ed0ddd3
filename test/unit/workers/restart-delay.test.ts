import { expect, it } from 'vitest'
import { restartDelay } from '../../../src/workers/restart-delay.ts'

const random = (byte: number) => ({ random: () => Uint8Array.of(byte) })

it.each([
  [1, 500],
  [2, 1000],
  [4, 4000],
  [7, 30_000],
  [1000, 30_000],
])('after %i failures in a row is %i ms, spread by a quarter', (failures, delay) => {
  expect(restartDelay(failures, random(0))).toBe(delay)
  expect(restartDelay(failures, random(0xff))).toBe(1.25 * delay)
})
