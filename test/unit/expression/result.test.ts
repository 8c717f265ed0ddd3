import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import { toPlain } from '../../../src/expression/result.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

class Marker {
  readonly text = '12345678901234567890'
}

describe('the result of an evaluation', () => {
  it.each([
    ['$sum', 'claim/type'],
    ['function($x) { $x }', 'claim/type'],
    ['($f := function($x) { $f }; {"a": [$f]})', 'claim/type'],
    ['/a/', 'claim/type'],
    ['$match(?, /a/)', 'claim/type'],
    ['0 / vars.zero', 'claim/type'],
    ['vars.one / 0', 'claim/type'],
    ['payload.when', 'claim/type'],
    ['payload.exact', 'claim/type'],
    ['{"id": payload.exact}', 'claim/type'],
    ['payload', 'claim/type'],
    ['$string(payload.exact)', 'claim/type'],
    ['"id-" & payload.exact', 'claim/type'],
    ['payload ~> $string()', 'claim/type'],
    ['$clone(payload).exact', 'claim/type'],
    ['[1..10000]', 'expr/limit'],
    ['payload.long', 'expr/limit'],
    ['{"a": $pad("", 9000, "x"), "b": $pad("", 9000, "x")}', 'expr/limit'],
  ])('is refused when it is not plain JSON of at most 16 KB: %s', async (source, code) => {
    const payload = { when: new Date(0), exact: new Marker(), long: 'x'.repeat(20_000) }
    const context = request({ payload, vars: { one: 1, zero: 0 } })
    // Parsed with a prefix that keeps a lone function from being refused at load already.
    const template = parse(`#[(vars.one; ${source})]`)
    expect(await errorCode(() => template.evaluate(context))).toBe(code)
  })

  it.each([['payload.when'], ['payload.exact'], ['payload']])(
    'is refused when read directly, too: %s',
    async (source) => {
      const payload = { when: new Date(0), exact: new Marker() }
      const template = parse(`#[${source}]`)
      expect(template.form).toBe('path')
      expect(await errorCode(() => template.evaluate(request({ payload })))).toBe('claim/type')
    },
  )

  it.each([
    ['payload.roles', ['admin']],
    ['payload.u.r', 'one'],
    ['payload.u.r[]', ['one']],
    ['payload.u[0].r', 'one'],
    ['payload.none[]', undefined],
    ['payload.empty', []],
    ['[payload.none]', []],
    ['{"a": payload.none}', {}],
    ['-payload.zero', 0],
    ['payload.u{r: r}', { one: 'one' }],
  ])('keeps the shape JSONata gives it: %s', async (source, expected) => {
    const payload = { roles: ['admin'], u: [{ r: 'one' }], empty: [], zero: 0 }
    const result = await parse(`#[${source}]`).evaluate(request({ payload }))
    expect(result).toStrictEqual(expected)
    expect(Object.is(result, -0)).toBe(false)
  })

  it('is a copy, with nothing of what JSONata hangs on arrays', async () => {
    const payload = { items: [{ id: 1 }, { id: 2 }] }
    const ids = await parse('#[payload.items[].id]').evaluate(request({ payload }))
    expect(Object.getOwnPropertyNames(ids)).toEqual(['0', '1', 'length'])
    expect(await parse('#[payload.items]').evaluate(request({ payload }))).not.toBe(payload.items)
  })

  it('holds members with the names of the prototype as its own', async () => {
    const payload = JSON.parse('{"__proto__": {"x": 1}, "constructor": {"prototype": {"x": 1}}}')
    for (const source of ['payload', '$merge([payload])', 'payload ~> |$|{"toString": 1}|']) {
      const result = await parse(`#[${source}]`).evaluate(request({ payload }))
      expect(Object.hasOwn(result as object, '__proto__')).toBe(true)
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    }
    const made = await parse('#[{"__proto__": {"x": vars.region}}]').evaluate(request())
    expect(JSON.stringify(made)).toBe('{"__proto__":{"x":"eu"}}')
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it('leaves out members that are undefined, and says -0 as 0', () => {
    const made = toPlain({ a: undefined, b: [-0, undefined], c: null }, 100)
    expect(JSON.stringify(made)).toBe('{"b":[0],"c":null}')
    expect(Object.is((made as { b: number[] }).b[0], 0)).toBe(true)
  })

  it.each<[unknown, number]>([
    ['ab', 4],
    ['é', 4],
    ['', 2],
    [1, 8],
    [true, 5],
    [null, 4],
    [[], 2],
    [[1, 'a'], 13],
    [{ é: 1 }, 14],
    [{ a: undefined }, 2],
  ])('counts the bytes of %j', (value, bytes) => {
    expect(toPlain(value, bytes)).toEqual(value)
    expect(() => toPlain(value, bytes - 1)).toThrow(
      `expected an expression within ${bytes - 1} bytes of result`,
    )
  })

  it('is nested 64 levels deep at most', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(toPlain(nested(64), 1000)).toEqual(nested(64))
    expect(() => toPlain(nested(65), 1000)).toThrow('within 64 levels of result')
  })

  it('has a member __proto__ that is a property like any other', () => {
    const made = toPlain(JSON.parse('{"__proto__": 1}'), 100)
    expect(Object.getOwnPropertyDescriptor(made, '__proto__')).toEqual({
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  })

  it.each([['_jsonata_lambda'], ['_jsonata_function'], ['tupleStream'], ['outerWrapper']])(
    'is refused when the data poses as the evaluator’s own by a member %s',
    async (mark) => {
      const payload = { [mark]: true, thunk: true, environment: { base: { depth: 0 } }, id: 1 }
      for (const source of [
        'payload[id = 1]',
        '(vars; payload)',
        'payload ~> $string',
        'payload.($)',
      ]) {
        const template = parse(`#[${source}]`)
        expect(await errorCode(() => template.evaluate(request({ payload })))).toBe('expr/failed')
      }
      const template = parse('#[(vars; payload)]')
      await expect(template.evaluate(request({ payload }))).rejects.toThrow(
        /^expected data without members named like JSONata internals$/,
      )
    },
  )

  it.each(['$string(payload.b)', '$sha256($string(payload))', '$canonicalJson(payload)'])(
    'is refused when data deep inside poses as a function, which %s would leave out',
    async (source) => {
      const payload = { b: [{ _jsonata_lambda: true, secret: 1 }] }
      const template = parse(`#[${source}]`)
      expect(await errorCode(() => template.evaluate(request({ payload })))).toBe('claim/type')
    },
  )

  it('does not change the request context', async () => {
    const payload = { items: [{ id: 1 }], name: 'a' }
    const before = structuredClone(payload)
    const sources = [
      '($x := payload; $x(1))',
      'payload ~> |items|{"id": 2}|',
      'payload.items[]',
      '$sort(payload.items.id)',
      'payload.items#$i.{"i": $i}',
    ]
    for (const source of sources) {
      await errorCode(() => parse(`#[${source}]`).evaluate(request({ payload })))
      expect(payload).toStrictEqual(before)
      expect(Object.keys(payload.items)).toEqual(['0'])
    }
  })

  it('is the same when the request context is frozen', async () => {
    const payload = Object.freeze({ list: Object.freeze(['one']) })
    for (const source of ['payload.list[]', 'payload.list', '$.payload.list[]']) {
      const result = await parse(`#[${source}]`).evaluate(request({ payload }))
      expect([source, result]).toEqual([source, ['one']])
    }
  })
})
