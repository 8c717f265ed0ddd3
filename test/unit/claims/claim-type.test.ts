import { describe, expect, it } from 'vitest'
import { type CLAIM_TYPES, convert } from '../../../src/claims/claim-type.ts'
import type { Json } from '../../../src/types.ts'

describe('a declared type', () => {
  it.each<[Json, string, Json]>([
    ['ann', 'string', 'ann'],
    ['007', 'string', '007'],
    ['', 'string', ''],
    [7, 'string', '7'],
    [0.1, 'string', '0.1'],
    [1e21, 'string', '1e+21'],
    [7, 'number', 7],
    [-0.5, 'number', -0.5],
    ['7', 'number', 7],
    ['-0.50', 'number', -0.5],
    ['1.10', 'number', 1.1],
    ['1e3', 'number', 1000],
    ['12E-1', 'number', 1.2],
    ['2.5e+10', 'number', 25_000_000_000],
    ['0.000', 'number', 0],
    ['-0', 'number', 0],
    ['9007199254740993e0', 'string', '9007199254740993e0'],
    [7, 'integer', 7],
    ['7', 'integer', 7],
    ['7.0', 'integer', 7],
    ['9007199254740991', 'integer', 9007199254740991],
    [true, 'boolean', true],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    [['a'], 'array', ['a']],
    [[], 'array', []],
    ['a', 'array', ['a']],
    [{ a: 1 }, 'array', [{ a: 1 }]],
    [null, 'array', [null]],
    [{ a: 1 }, 'object', { a: 1 }],
  ])('takes %j as %s without loss: %j', (value, type, converted) => {
    expect(convert(value, type as (typeof CLAIM_TYPES)[number])).toEqual(converted)
  })

  it.each<[Json, string]>([
    [true, 'string'],
    [null, 'string'],
    [['a'], 'string'],
    [{}, 'string'],
    ['', 'number'],
    [' 7', 'number'],
    ['7 ', 'number'],
    ['+7', 'number'],
    ['07', 'number'],
    ['0x7', 'number'],
    ['.5', 'number'],
    ['5.', 'number'],
    ['1_000', 'number'],
    ['NaN', 'number'],
    ['Infinity', 'number'],
    ['1e400', 'number'],
    ['1e-400', 'number'],
    ['9007199254740993', 'number'],
    ['0.10000000000000000001', 'number'],
    [true, 'number'],
    [null, 'number'],
    [['7'], 'number'],
    [7.5, 'integer'],
    ['7.5', 'integer'],
    [2 ** 53, 'integer'],
    ['9007199254740992', 'integer'],
    ['TRUE', 'boolean'],
    ['yes', 'boolean'],
    [1, 'boolean'],
    ['1', 'boolean'],
    [null, 'boolean'],
    [['a'], 'object'],
    [null, 'object'],
    ['{}', 'object'],
  ])('refuses %j as %s', (value, type) => {
    expect(convert(value, type as (typeof CLAIM_TYPES)[number])).toBeUndefined()
  })
})
