import { describe, expect, it } from 'vitest'
import { isExactDouble } from '../../src/decimal.ts'

describe('a number written in decimal', () => {
  it.each([
    '0',
    '-0',
    '0.000',
    '0e999999999999',
    '1.10',
    '1000e-3',
    '12E-1',
    '1e21',
    '1e300',
    '9007199254740992',
    '100000000000000000000',
    '5e-324',
  ])('%s is one that a double holds', (text) => {
    expect(isExactDouble(text)).toBe(true)
  })

  it.each([
    '9007199254740993',
    '0.10000000000000000001',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '1e-99999999999999999999',
    '4e-324',
  ])('%s is one that a double would round', (text) => {
    expect(isExactDouble(text)).toBe(false)
  })

  it('may be long', () => {
    expect(isExactDouble(`0.1${'0'.repeat(200_000)}1`)).toBe(false)
    expect(isExactDouble(`0.5${'0'.repeat(200_000)}`)).toBe(true)
  })
})
