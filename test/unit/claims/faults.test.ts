import { describe, expect, it } from 'vitest'
import { compileTimeClaims, type TimeConfig } from '../../../src/claims/index.ts'
import type { Json } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { requestContext } from '../../support/request-context.ts'
import { compileList, type Written } from './compile.ts'

const error = (
  rule: string,
  path: readonly (string | number)[],
  message: string,
  hint?: string,
) => ({
  severity: 'error',
  rule,
  path,
  message,
  ...(hint && { hint }),
})

const POINTER = 'expected a JSON pointer of names that are not empty, as the name begins with "/"'
const POINTER_HINT = 'write /org/id; within a name ~1 stands for "/" and ~0 for "~"'
const ORDER_HINT = 'exp counts from iat; { after, from: now } counts from the time of signing'

describe('a fault of a claim says what was expected, and what to write', () => {
  it.each<[Written[], object]>([
    [[{ name: '#[5]', value: 1 }], error('claim/type', [0, 'name'], 'expected text as a name')],
    [[{ name: '', value: 1 }], error('claim/type', [0, 'name'], 'expected text as a name')],
    [[{ name: "#['']", value: 1 }], error('claim/type', [0, 'name'], 'expected text as a name')],
    [[{ name: '/a//b', value: 1 }], error('claim/name', [0, 'name'], POINTER, POINTER_HINT)],
    [
      [{ name: 'sub', value: 7 }],
      error('claim/type', [0, 'value'], 'expected "sub" to be a string'),
    ],
    [
      [{ name: 'aud', value: [] }],
      error('claim/type', [0, 'value'], 'expected "aud" to be a string or an array of strings'),
    ],
    [
      [{ name: 'nbf', value: -1 }],
      error('claim/type', [0, 'value'], 'expected "nbf" to be a NumericDate in whole seconds'),
    ],
    [
      [{ name: 'n', value: 'x', type: 'integer' }],
      error('claim/type', [0, 'value'], 'expected "n" to be of type integer'),
    ],
    [
      [{ name: '/sub/id', value: '7' }],
      error(
        'claim/type',
        [0, 'value'],
        'expected "/sub/id" to be in an object, but "sub" is a string',
      ),
    ],
    [
      [{ name: 'sub', value: '#[payload.x]', onMissing: 'null' }],
      error(
        'claim/type',
        [0, 'name'],
        'expected onMissing error or omit for "sub", which cannot be null',
      ),
    ],
    [
      ['a', 'a'].map((name) => ({ name, value: 1 })),
      error('claim/duplicate', [1, 'name'], 'expected "a" once', 'keep one of the two'),
    ],
    [
      [{ name: 'a', value: '#[$uid()]' }],
      {
        ...error(
          'expr/unknown-function',
          [0, 'value'],
          'unknown function or variable "$uid"',
          'did you mean $uuid?',
        ),
        offset: 2,
        length: 4,
      },
    ],
    [
      [{ name: 'a', value: ['#[1 +]'] }],
      {
        ...error('expr/syntax', [0, 'value', 0], 'unexpected end of expression'),
        offset: 4,
        length: 1,
      },
    ],
  ])('%j', (list, fault) => {
    expect(compileList(list).faults).toStrictEqual([fault])
  })

  it.each<[TimeConfig, object]>([
    [
      { exp: 300, nbf: 300 },
      error('claim/time', ['exp'], 'expected "exp" to lie after "nbf"', ORDER_HINT),
    ],
    [
      { exp: 0.5, nbf: 1 },
      error('claim/time', ['exp'], 'expected "exp" to lie after "nbf"', ORDER_HINT),
    ],
    [
      { iat: { offset: -300 }, exp: 300 },
      error('claim/time', ['exp'], 'expected "exp" to lie after the time of signing', ORDER_HINT),
    ],
    [
      { iat: { offset: -300 }, exp: 300, nbf: { offset: -60 } },
      error('claim/time', ['exp'], 'expected "exp" to lie after the time of signing', ORDER_HINT),
    ],
    [
      { iat: false, exp: 300, minReuse: 60 },
      error(
        'claim/time',
        ['minReuse'],
        'expected "iat" from the clock: minReuse takes it from the begin of its window',
        'write iat: true or { offset }, or leave minReuse out',
      ),
    ],
    [
      { exp: '#[1] #[2]' },
      error(
        'expr/single',
        ['exp'],
        'expected a single expression, without text around it',
        'write "#[…]"',
      ),
    ],
  ])('%j', (config, fault) => {
    const { scope, faults } = recordingScope({ environment: fixedEnvironment() })
    compileTimeClaims(config, scope)
    expect(faults).toStrictEqual([fault])
  })
})

describe('the error of a claim that a request cannot have says what was expected', () => {
  const message = async (list: Written[], payload: unknown): Promise<unknown> => {
    const { claims, faults } = compileList(list)
    expect(faults).toEqual([])
    try {
      return await claims.evaluate(requestContext({}, { payload }))
    } catch (error) {
      return (error as Error).message
    }
  }
  const MISSING_NAME = 'expected text that is not empty as a computed name'
  const MISSING_POINTER = 'expected a JSON pointer as a computed name'

  it.each<[Written[], Json, string]>([
    [[{ name: 'a', value: '#[payload.x]' }], {}, 'expected a value for "a"'],
    [[{ name: 'sub', value: '#[payload.x]' }], { x: 7 }, 'expected "sub" to be a string'],
    [
      [{ name: 'a', value: '#[payload.x]', type: 'boolean' }],
      { x: 'on' },
      'expected "a" to be of type boolean',
    ],
    [[{ name: '#[payload.x]', value: 1 }], {}, MISSING_NAME],
    [[{ name: '#[payload.x]', value: 1 }], { x: '' }, MISSING_NAME],
    [[{ name: '/a/#[payload.x]', value: 1 }], { x: '' }, MISSING_POINTER],
    [
      [
        { name: 'a', value: 1 },
        { name: '#[payload.x]', value: 1 },
      ],
      { x: 'a' },
      'expected a computed name that nothing else sets or reserves',
    ],
  ])('%j of %j', async (list, payload, expected) => {
    expect(await message(list, payload)).toBe(expected)
  })
})

describe('milliseconds in place of seconds', () => {
  const shape = 'a NumericDate in whole seconds'
  const told = `${shape}, and this looks like milliseconds: divide by 1000 and round down`

  it.each<[string, Json, string | undefined]>([
    ['exp', 99_999_999_999, undefined],
    ['exp', 100_000_000_000, told],
    ['iat', 1_767_225_600_000, told],
    ['nbf', 1e11 + 0.5, told],
    ['exp', 1.5, shape],
    ['exp', '1767225600000', shape],
    ['sub', 1_767_225_600_000, 'a string'],
  ])('are told from the year 5138 on: %s %j', (name, value, expected) => {
    const faults = compileList([{ name, value }]).faults.map(({ message }) => message)
    expect(faults).toEqual(expected === undefined ? [] : [`expected "${name}" to be ${expected}`])
  })
})
