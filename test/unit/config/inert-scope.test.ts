import { expect, it } from 'vitest'
import { inertScope } from '../../../src/config/inert-scope.ts'
import { recordingScope } from '../../support/recording-scope.ts'

it('turns the errors of what is disabled into warnings, below it as well', () => {
  const { scope, faults } = recordingScope()
  const inert = inertScope(scope.at('a'))
  inert.report([], { severity: 'error', rule: 'r/one', message: 'expected one' })
  inert.at('b').report(['c'], { severity: 'notice', rule: 'r/two', message: 'expected two' })
  inert.at('b').report([], { severity: 'error', rule: 'r/three', message: 'expected three' })
  expect(faults.map(({ severity, path }) => [severity, ...path])).toEqual([
    ['warning', 'a'],
    ['notice', 'a', 'b', 'c'],
    ['warning', 'a', 'b'],
  ])
  expect([inert.inert, inert.at('b').inert]).toEqual([true, true])
})
