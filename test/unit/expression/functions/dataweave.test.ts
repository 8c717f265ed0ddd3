import { describe, expect, it } from 'vitest'
import { parseTemplate, translateDataWeave } from '../../../../src/expression/index.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { errorCode } from '../../../support/error-code.ts'
import { request } from '../request.ts'

const payload = {
  text: 'abcba',
  none: null,
  empty: '',
  list: [0, 1, 1, 2],
  one: ['only'],
  items: [{ sku: 's1', tags: ['x'] }, { other: 1 }, { sku: 's2' }, 'text', null],
  object: { a: 1, b: { c: [null] } },
  face: 'a😀b',
}

async function run(source: string) {
  return parseTemplate(`#[${source}]`, fixedEnvironment()).evaluate(request({ payload }))
}

/** As DataWeave writes it. */
async function translated(text: string) {
  return run(translateDataWeave(text).jsonata)
}

describe('functions of translated DataWeave', () => {
  it.each([
    ['substringBefore("abc", "d")', ''],
    ['substringAfter("abc", "d")', ''],
    ['substringBeforeLast("abc", "d")', ''],
    ['substringAfterLast("abc", "d")', ''],
    ['substringBefore(payload.none, "b")', undefined],
    ['substringAfter(payload.none, "b")', undefined],
    ['substringBeforeLast(payload.none, "b")', undefined],
    ['substringAfterLast(payload.absent, "b")', undefined],
    ['substringBefore("abcba", "b")', 'a'],
    ['substringAfter("abcba", "b")', 'cba'],
    ['substringAfterLast("abcba", "b")', 'a'],
    ['substringBeforeLast("abcba", "b")', 'abc'],
    ['substringBefore("abc", payload.empty)', ''],
    ['substringAfter("abc", payload.empty)', 'bc'],
    ['substringBeforeLast("abc", payload.empty)', 'ab'],
    ['substringAfterLast("abc", payload.empty)', undefined],
    ['substringAfter(payload.face, payload.empty)', '😀b'],
    ['payload.list[3] / payload.list[1]', 2],
    ['payload.list[0] / payload.list[3]', 0],
    ['payload.none / payload.list[3]', undefined],
    ['payload.list[3] / payload.none', undefined],
    ['trim("  my  text ")', 'my  text'],
    ['trim(null)', undefined],
    ['upper(null)', undefined],
    ['lower(payload.none)', undefined],
    ['sizeOf(payload.list)', 4],
    ['sizeOf(payload.object)', 2],
    ['sizeOf(payload.face)', 3],
    ['sizeOf(payload.none)', undefined],
    ['isEmpty([])', true],
    ['isEmpty("")', true],
    ['isEmpty(payload.object -- ["a", "b"])', true],
    ['isEmpty(null)', true],
    ['isEmpty(" ")', false],
    ['contains(null, "x")', false],
    ['payload.none contains "x"', false],
    ['contains("abc", "bc")', true],
    ['contains("abc", null)', false],
    ['[0, "1"] contains 1', false],
    ['[payload.none] contains null', true],
    ['[0,1,1,2] -- [1,2]', [0]],
    ['[1] -- [1]', []],
    ['payload.object -- ["a"]', { b: { c: [null] } }],
    ['payload.object -- payload.object', {}],
    ['null -- [1]', undefined],
    ['payload.one -- payload.none', ['only']],
    ['"a" ++ "b"', 'ab'],
    ['[1] ++ ["x"]', [1, 'x']],
    ['[] ++ payload.one', ['only']],
    ['"a" ++ payload.none', undefined],
    ['"n" ++ 1 ++ true ++ 0.5', 'n1true0.5'],
    ['splitBy("a-b", "-")', ['a', 'b']],
    ['splitBy(payload.face, payload.empty)', ['a', '😀', 'b']],
    ['"a" splitBy null', undefined],
    ['payload.text == null', false],
    ['payload.none != null', false],
    ['vars.absent == null', true],
    ['payload.list contains 2', true],
    ['payload.list contains 3', false],
    ['substringAfter("abc", "a")', 'bc'],
    ['substringAfterLast("abc", "a")', 'bc'],
    ['substringBefore("abc", "a")', ''],
    ['payload.list[3] / 4', 0.5],
    ['"a-b" splitBy "x"', ['a-b']],
    ['"aXbxc" splitBy "x"', ['aXb', 'c']],
    ['"a.b" splitBy "."', ['a', 'b']],
    ['splitBy(payload.none, ".")', undefined],
    ['splitBy(fromBase64("YTpi"), ":")', ['a', 'b']],
    ['toBase64("grüß")', 'Z3LDvMOf'],
    ['toBase64(null)', undefined],
    ['dw::Binaries::fromBase64(payload.none)', undefined],
    ['payload.text[0]', 'a'],
    ['payload.text[-1]', 'a'],
    ['payload.face[1]', '😀'],
    ['payload.text[9]', undefined],
    ['payload.list[-1]', 2],
    ['payload.list[4]', undefined],
    ['payload.list["0"]', []],
    ['payload.list.length', []],
    ['payload.text.length', undefined],
    ['payload.object.constructor', undefined],
    ['payload["__proto__"]', undefined],
    ['payload.object["b"].c', [null]],
    ['payload.items.sku', ['s1', 's2']],
    ['payload.items.other', [1]],
    ['payload.items.tags', [['x']]],
    ['payload.items[0].sku', 's1'],
    ['payload.one', ['only']],
    ['[payload.one, payload.none, payload.absent]', [['only'], null, null]],
    ['payload.none default "d"', 'd'],
    ['payload.empty default "d"', ''],
    ['false default true', false],
    ['payload.text default upper(payload.list)', 'abcba'],
    ['payload.none == payload.absent', true],
    ['payload.one == ["only"]', true],
    ['payload.object == payload.object', true],
    ['"true" == true', false],
    ['"1" != 1', true],
    ['"b" > "a"', true],
    ['2 >= 10', false],
    ['payload.list[1] < payload.none', undefined],
    ['1 + 2 * 3 - 4 / 2', 5],
    ['-payload.list[3]', -2],
    ['false and payload.text', false],
    ['true or payload.text', true],
    ['if (not true) 1 else if (false) 2 else 3', 3],
  ])('mean what DataWeave means: %s', async (text, expected) => {
    expect(await translated(text)).toStrictEqual(expected)
  })

  it.each([
    ['if (payload.text) 1 else 2'],
    ['if (payload.text) 1 else 2'],
    ['if (payload.none) 1 else 2'],
    ['true and payload.list'],
    ['false or payload.text'],
    ['not payload.object'],
    ['!payload.absent'],
    ['upper(payload.list)'],
    ['upper(payload.one)'],
    ['trim(1)'],
    ['substringAfter(payload.list, "a")'],
    ['splitBy("a", 1)'],
    ['contains("a1", 1)'],
    ['contains(1, 1)'],
    ['sizeOf(true)'],
    ['isEmpty(0)'],
    ['"a" ++ ["b"]'],
    ['"$(payload.object)"'],
    ['1 ++ 2'],
    ['"a" ++ (1 / 0)'],
    ['"a" -- ["a"]'],
    ['payload.object -- 1'],
    ['payload.list -- 1'],
    ['fromBase64("Z3L")'],
    ['fromBase64("Z3LDvMOf=")'],
    ['fromBase64("_-==")'],
    ['fromBase64("/w==")'],
    ['payload.object < 1'],
    ['"a" < 1'],
    ['payload.text + 1'],
    ['-"1"'],
  ])('fail where DataWeave has no value: %s', async (text) => {
    expect(await errorCode(() => translated(text))).toBe('expr/failed')
  })

  it('take a random id from the environment', async () => {
    const { jsonata } = translateDataWeave('uuid()')
    const template = parseTemplate(`#[${jsonata}]`, fixedEnvironment({ uuids: ['first'] }))
    expect(await template.evaluate(request())).toBe('first')
    expect(template.volatile).toBe(true)
  })

  it.each([
    ['if (payload.text) 1 else 2', 'true or false as a condition'],
    ['contains(1, 1)', 'an array or text to look into'],
    ['contains("a", 1)', 'text'],
    ['"a" ++ ["b"]', 'two texts or two arrays to join'],
    ['payload.list -- 1', 'an array or object to remove from'],
    ['payload.object -- 1', 'an array of names or an object to remove'],
    ['"a" / payload.list[1]', 'numbers to divide'],
    ['1 / payload.text', 'numbers to divide'],
    ['1 / payload.list[0]', 'a divisor other than 0'],
    ['sizeOf(true)', 'an array, object or text'],
    ['fromBase64("Z3L")', 'base64 with padding'],
    ['fromBase64("/w==")', 'UTF-8 in base64'],
  ])('say what they expected, and nothing of the value: %s', async (text, expected) => {
    await expect(translated(text)).rejects.toThrow(
      expect.objectContaining({ message: `expected ${expected}` }),
    )
  })

  it.each([
    ['$dwRemove([1..9000], [2..9000])'],
    ['$dwConcat($pad("", 60000, "x"), $pad("", 60000, "x"))'],
    ['[1..500].$dwSplitBy($pad("", 3000, "x"), "")'],
  ])('are stopped at the limits of an expression: %s', async (source) => {
    expect(await errorCode(() => run(source))).toBe('expr/limit')
  })
})
