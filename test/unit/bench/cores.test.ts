import { expect, it } from 'vitest'
import { expandCores } from '../../../bench/cores.ts'

it.each([
  ['0', [0]],
  ['0-3', [0, 1, 2, 3]],
  ['1,4-5,9', [1, 4, 5, 9]],
])('the cores of %s are %j', (list, cores) => {
  expect(expandCores(list)).toEqual(cores)
})
