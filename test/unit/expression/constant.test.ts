import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { request } from './request.ts'

const parse = (source: string) => parseTemplate(`#[${source}]`, fixedEnvironment())

describe('an expression that no request decides', () => {
  it.each<[string, unknown]>([
    ['"a"', 'a'],
    ['-1.5', -1.5],
    ['null', null],
    ['false', false],
    ['(1)', 1],
    ['(("a"))', 'a'],
    ['1 + 2', 3],
    ['10 - 3 * 2 / 4', 8.5],
    ['10 % 3', 1],
    ['(1 + 2) * 3', 9],
    ['[]', []],
    ['[1, (2), "c"]', [1, 2, 'c']],
    ['[[1], [2, [3]]]', [[1], [2, [3]]]],
    ['{}', {}],
    ['{"a": [1, {"b": null}]}', { a: [1, { b: null }] }],
  ])('is evaluated when it is parsed: %s', (source, value) => {
    const template = parse(source)
    expect(template.form).toBe('literal')
    expect(template.evaluate(request())).toEqual(value)
    expect([template.volatile, template.reads.size]).toEqual([false, 0])
  })

  it('keeps a member called __proto__', () => {
    const made = parse('{"__proto__": {"x": 1}}').evaluate(request())
    expect(JSON.stringify(made)).toBe('{"__proto__":{"x":1}}')
  })

  it.each<[string, unknown]>([
    ['(1; 2)', 2],
    ['1 < 2', true],
    ['"a" & "b"', 'ab'],
    ['"a"[0]', 'a'],
    ['"a"{"b": 1}', { b: 1 }],
    ['[1, 2][1]', 2],
    ['[1][]', [1]],
    ['[1, ([2])]', [1, 2]],
    ['[1..3]', [1, 2, 3]],
    ['[1, vars.region]', [1, 'eu']],
    ['{"a": vars.region}', { a: 'eu' }],
    ['{vars.region: 1}', { eu: 1 }],
    ['1 + upstream.port', 444],
    ['upstream.port + 1', 444],
    ['{"a": 1}.a', 1],
  ])('is left to JSONata where that would do more: %s', async (source, value) => {
    const template = parse(source)
    expect(template.form).toBe('general')
    expect(await template.evaluate(request())).toEqual(value)
  })

  it.each([
    ['1 / 0', 'claim/type'],
    ['1 % 0', 'claim/type'],
    ['{"a": 1, "a": 2}', 'expr/failed'],
    ['{1: 2}', 'expr/failed'],
    ['1 + "a"', 'expr/failed'],
  ])('fails when it is evaluated, not when it is parsed: %s', async (source, code) => {
    const template = parse(source)
    expect(template.form).toBe('general')
    expect(await errorCode(() => template.evaluate(request()))).toBe(code)
  })
})

describe('an expression that only reads members', () => {
  it.each<[string, unknown]>([
    ['upstream.port', 443],
    ['$.upstream.port', 443],
    ['$$.upstream.port', 443],
    ['authentication', { principal: 'ann' }],
    ['attributes.headers.`x-many`[0]', 'one'],
    ['payload.none', undefined],
  ])('is read at once: %s', (source, value) => {
    const template = parse(source)
    expect(template.form).toBe('path')
    expect(template.evaluate(request({ payload: {} }))).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['attributes.headers.`x-many`[-1]', 'two'],
    ['attributes.headers.`x-many`[0][0]', 'one'],
    ['attributes.headers.`x-many`["0" = "0"]', ['one', 'two']],
    ['attributes.headers[0].`x-user`', 'ann'],
    ['$[0].upstream.port', 443],
    ['upstream.port[]', [443]],
    ['upstream.(port)', 443],
    ['upstream.port{"a": $}', { a: 443 }],
    ['upstream#$i.port', 443],
    ['upstream@$u.port', undefined],
    ['upstream."po" & "rt"', 'rt'],
    ['upstream.*[0]', 'https://orders.internal/orders/7?b=2&a=1'],
  ])('is left to JSONata when it does more: %s', async (source, value) => {
    const template = parse(source)
    expect(template.form).toBe('general')
    expect(await template.evaluate(request())).toEqual(value)
  })
})
