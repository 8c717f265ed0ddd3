import { describe, expect, it } from 'vitest'
import { compile } from '../../../../src/expression/engine.ts'
import { parseTemplate } from '../../../../src/expression/index.ts'
import { LIMITS } from '../../../../src/expression/limits.ts'
import { compileNative } from '../../../../src/expression/native/compile.ts'
import type { Json } from '../../../../src/types.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { errorCode } from '../../../support/error-code.ts'
import { request } from '../request.ts'

const payload = {
  text: 'Ann@b',
  empty: '',
  blanks: ' a \n b ',
  astral: '😀bc',
  numeral: '12.5',
  zero: 0,
  two: 2,
  third: 1 / 3,
  yes: true,
  no: false,
  nothing: null,
  list: ['a', 'b', 2],
  nested: [['a']],
  rows: [{ id: 1 }, { id: 2 }],
  object: { id: 7 },
  forged: { _jsonata_lambda: true, id: 1 },
  long: 'x'.repeat(8192),
  longer: 'x'.repeat(8193),
  many: Array(8193).fill('a'),
}

const parse = (source: string) => parseTemplate(`#[${source}]`, fixedEnvironment())
const evaluate = (source: string) => parse(source).evaluate(request({ payload }))

/** Expressions, and what both JSONata and the native evaluation give. */
const ANSWERED: readonly (readonly [source: string, value: Json | undefined])[] = [
  ['(payload.text)', 'Ann@b'],
  ['((payload.none))', undefined],
  ['$.payload.text & $$.payload.two', 'Ann@b2'],

  ['payload.none ?? "free"', 'free'],
  ['payload.text ?? "free"', 'Ann@b'],
  ['payload.nothing ?? "free"', null],
  ['payload.empty ?? "free"', ''],
  ['payload.list ?? "free"', ['a', 'b', 2]],
  ['payload.none ?? payload.object.none ?? payload.object.id', 7],
  ['payload.none ?? ["a", 1]', ['a', 1]],
  ['payload.none ?? payload.none', undefined],
  ['payload.text.none ?? "of text"', 'of text'],
  ['payload.nothing.none ?? "of null"', 'of null'],
  ['payload.toString ?? "own members only"', 'own members only'],
  ['payload.empty ?: "free"', 'free'],
  ['payload.zero ?: "free"', 'free'],
  ['payload.no ?: "free"', 'free'],
  ['payload.nothing ?: "free"', 'free'],
  ['payload.none ?: "free"', 'free'],
  ['payload.text ?: "free"', 'Ann@b'],
  ['payload.yes ? "a" : "b"', 'a'],
  ['payload.no ? "a" : "b"', 'b'],
  ['payload.no ? "a"', undefined],
  ['$exists(payload.none) ? payload.two : payload.text', 'Ann@b'],
  ['$exists(payload.two) ? payload.text : 1', 'Ann@b'],
  ['$not(payload.none) ? "a" : "b"', 'b'],
  ['payload.list[0] ?? "free"', 'a'],
  ['payload.two[0] ?? "free"', 2],
  ['payload.nested[0] ?? "free"', ['a']],

  ['payload.two = 2', true],
  ['payload.two = "2"', false],
  ['payload.nothing = null', true],
  ['payload.none = payload.none', false],
  ['payload.two != 3', true],
  ['payload.two != 2', false],
  ['payload.none != 3', false],
  ['payload.two < 3', true],
  ['payload.two < 2', false],
  ['payload.two <= 2', true],
  ['payload.two <= 1', false],
  ['payload.two > 1', true],
  ['payload.two > 2', false],
  ['payload.two >= 2', true],
  ['payload.two >= 3', false],
  ['payload.text < "B"', true],
  ['payload.text >= "B"', false],
  ['payload.yes and payload.two', true],
  ['payload.yes and payload.none', false],
  ['payload.no and payload.list', false],
  ['payload.no or payload.text', true],
  ['payload.no or payload.zero', false],
  ['payload.yes or payload.list', true],
  ['payload.two & payload.text', '2Ann@b'],
  ['payload.third & payload.none', '0.333333333333333'],
  ['payload.yes & "-" & payload.nothing', 'true-null'],
  ['$length(payload.empty & payload.long)', 8192],
  ['payload.two in ["a", 2]', true],
  ['payload.text in ["a", 2]', false],
  ['"b" in payload.list', true],
  ['payload.none in payload.list', false],
  ['payload.two in payload.none', false],
  ['payload.none in payload.two', false],
  ['payload.two in 2', true],
  ['payload.two in 3', false],
  ['payload.text in payload.nested', false],

  ['$exists(payload.none)', false],
  ['$exists(payload.nothing)', true],
  ['$exists(payload.object)', true],
  ['$exists(payload.list)', true],
  ['$boolean(payload.empty)', false],
  ['$boolean(payload.two)', true],
  ['$boolean(payload.none)', undefined],
  ['$not(payload.nothing)', true],
  ['$not(payload.none)', undefined],
  ['$string(payload.third)', '0.333333333333333'],
  ['$string(payload.nothing)', 'null'],
  ['$string(payload.none)', undefined],
  ['$number(payload.numeral)', 12.5],
  ['$number(payload.yes)', 1],
  ['$number(payload.none)', undefined],
  ['$length(payload.astral)', 3],
  ['$length(payload.none)', undefined],
  ['$trim(payload.blanks)', 'a b'],
  ['$trim(payload.none)', undefined],
  ['$lowercase(payload.text)', 'ann@b'],
  ['$lowercase(payload.none)', undefined],
  ['$uppercase(payload.text)', 'ANN@B'],
  ['$uppercase(payload.none)', undefined],
  ['$substring(payload.astral, 1)', 'bc'],
  ['$substring(payload.astral, -2, 1)', 'b'],
  ['$substring(payload.none, 1, 1)', undefined],
  ['$substringBefore(payload.text, "@")', 'Ann'],
  ['$substringBefore(payload.none, "@")', undefined],
  ['$substringAfter(payload.text, "@")', 'b'],
  ['$substringAfter(payload.text, "?")', 'Ann@b'],
  ['$contains(payload.text, "@")', true],
  ['$contains(payload.text, "?")', false],
  ['$contains(payload.none, "?")', undefined],
  ['payload.text ~> $uppercase', 'ANN@B'],
  ['payload.text ~> $uppercase()', 'ANN@B'],
  ['payload.text ~> $substringBefore("@") ~> $lowercase', 'ann'],
]

/** Expressions that are compiled, and what they end with when their data makes JSONata evaluate them. */
const LEFT: readonly (readonly [source: string, end: unknown])[] = [
  ['payload.rows.id ?? 1', [1, 2]],
  ['payload.rows.none ?? 1', 1],
  ['$exists(payload.longer)', true],
  ['payload.forged ?? 1', 'expr/failed'],
  ['payload.forged.id ?? 1', 'expr/failed'],
  ['$exists(payload.forged)', 'expr/failed'],
  ['payload.list = payload.list', true],
  ['payload.list != 1', true],
  ['payload.object and true', true],
  ['payload.list or false', true],
  ['payload.list ? "a" : "b"', 'a'],
  ['payload.list ?: "b"', ['a', 'b', 2]],
  ['payload.none < 1', undefined],
  ['payload.two < "1"', 'expr/failed'],
  ['payload.yes < true', 'expr/failed'],
  ['payload.text < 2', 'expr/failed'],
  ['payload.list & ""', '["a","b",2]'],
  ['payload.long & "y" ~> $length', 8193],
  ['payload.list in ["a"]', false],
  ['payload.two in payload.object', false],
  ['"a" in payload.many', true],
  ['$string(payload.list)', '["a","b",2]'],
  ['$boolean(payload.list)', true],
  ['$not(payload.object)', false],
  ['$number(payload.text)', 'expr/failed'],
  ['$number(payload.nothing)', 'expr/failed'],
  ['$length(payload.two)', 'expr/failed'],
  ['$length(payload.longer)', 8193],
  ['$uppercase(payload.nothing)', 'expr/failed'],
  ['$substring(payload.text, payload.none)', 'Ann@b'],
  ['$substring(payload.text, "1")', 'expr/failed'],
  ['$substring(payload.text, 1, payload.none)', 'nn@b'],
  ['$substringBefore(payload.text, payload.none)', 'Ann@b'],
  ['$substringAfter(payload.none, 1)', 'expr/failed'],
  ['$contains(payload.text, payload.none)', undefined],
  ['$length($uppercase(payload.sharp))', 16_384],
]

/** Expressions of which nothing is compiled. */
const GENERAL: readonly string[] = [
  'payload.list[1]',
  'payload.rows[id = 1].id & ""',
  '$string(payload.list)[0]',
  '$uppercase(payload.text)[]',
  '$uppercase(payload.text){"a": $}',
  '(payload.two; payload.text)',
  '()',
  'payload.two + 1',
  '-payload.two',
  '{"a": payload.two}',
  '[payload.two]',
  'payload.none ?? {}',
  'payload.none ?? [["a"]]',
  '$string(payload.list, true)',
  '$substring(payload.text)',
  '$substring(payload.text, 1, payload.two + 1)',
  '$substring(payload.text, payload.two + 1, 1)',
  'payload.two + 1 ~> $string()',
  '(payload.two + 1) & ""',
  '"" & (payload.two + 1)',
  'payload.two + 1 ? 1 : 2',
  'payload.yes ? payload.two + 1 : 2',
  'payload.yes ? 1 : payload.two + 1',
  '$exists()',
  '$uuid() & ""',
  '$pad(payload.text, 9) & ""',
  'payload.two ~> function($x) { $x }',
  'payload.text ~> $uppercase()[]',
  'payload.text ~> $pad(9)',
  '($uppercase := $lowercase; $uppercase(payload.text))',
  'function($x) { $x }(payload.two) = 2',
  'payload.text ~> $uppercase ~> $pad(9)',
]

describe('an expression of scalars, paths, operators and functions', () => {
  it.each(ANSWERED)('is answered at once: %s', (source, value) => {
    expect(evaluate(source)).toStrictEqual(value)
  })

  it.each(ANSWERED)('is answered as JSONata does: %s', async (source, value) => {
    const found = await compile(source, LIMITS).evaluate({ payload }, scope)
    // without the marks that JSONata puts on its arrays
    expect(found === undefined ? found : JSON.parse(JSON.stringify(found))).toEqual(value)
  })

  it.each(LEFT)('is left to JSONata where data is not as expected: %s', async (source, end) => {
    const context = request({ payload: { ...payload, sharp: 'ß'.repeat(8192) } })
    expect(native(source)).toBeTypeOf('function')
    const result = parse(source).evaluate(context)
    expect(result).toBeInstanceOf(Promise)
    const code = await errorCode(() => result)
    expect(code === 'none' ? await result : code).toEqual(end)
  })

  it('fails as JSONata fails, and where', () => {
    return expect(evaluate('"id-" & $uppercase(payload.two)')).rejects.toMatchObject({
      code: 'expr/failed',
      message: 'expected the expression to succeed (T0410)',
      place: { position: 20 },
    })
  })

  it('changes nothing of what it reads', () => {
    const frozen = Object.freeze({ list: Object.freeze(['a']), text: 'a' })
    const context = request({ payload: frozen })
    expect(parse('"a" in payload.list and $exists(payload.list)').evaluate(context)).toBe(true)
    const list = parse('payload.list ?? 1').evaluate(context)
    expect([list, list === frozen.list]).toEqual([['a'], false])
  })

  it('is refused above the limit of a result', async () => {
    const context = request({
      payload: { list: ['x'.repeat(8000), 'y'.repeat(8000), 'zz'.repeat(500)] },
    })
    expect(await errorCode(() => parse('payload.list ?? 1').evaluate(context))).toBe('expr/limit')
  })
})

describe('an expression of anything else', () => {
  it.each(GENERAL)('is not compiled: %s', (source) => {
    expect(native(source)).toBeUndefined()
  })

  it('is not compiled when it has more than 100 nodes, or than the limit', () => {
    const sum = (terms: number) => Array(terms).fill('"a"').join('&')
    expect(native(sum(50))).toBeTypeOf('function')
    expect(native(sum(51))).toBeUndefined()
    const { tree } = compile(sum(3), LIMITS)
    expect(compileNative(tree, 5)).toBeTypeOf('function')
    expect(compileNative(tree, 4)).toBeUndefined()
  })
})

const scope = { environment: fixedEnvironment() }

function native(source: string) {
  return compileNative(compile(source, LIMITS).tree, LIMITS.steps)
}
