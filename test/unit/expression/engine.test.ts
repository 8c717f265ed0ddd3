import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/expression/engine.ts'
import { parseTemplate } from '../../../src/expression/index.ts'
import { LIMITS } from '../../../src/expression/limits.ts'
import type { RequestContext } from '../../../src/types.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()

describe('the engine', () => {
  it('has no $eval, however it is reached', async () => {
    for (const source of ['$eval("1")', '"1" ~> $eval', '$map(["1"], $eval)', '$eval(?)("1")']) {
      expect(await errorCode(() => compile(source, LIMITS).evaluate({}, { environment }))).toBe(
        'expr/failed',
      )
    }
  })

  it('leaves the functions of other users of JSONata alone', async () => {
    const { default: jsonata } = await import('jsonata')
    await compile('$uppercase("a")', LIMITS).evaluate({}, { environment })
    expect(await jsonata('$eval("1 + 1")').evaluate({})).toBe(2)
    expect(await jsonata('$exists($sha256)').evaluate({})).toBe(false)
  })

  it('keeps the arity that higher-order functions ask for', async () => {
    const { evaluate } = compile('$map(["a", "b"], $string) ~> $join("-")', LIMITS)
    expect(await evaluate({}, { environment })).toBe('a-b')
    const reduced = compile('$reduce(["a", "b"], $append)', LIMITS)
    expect(await reduced.evaluate({}, { environment })).toEqual(['a', 'b'])
  })

  it.each([
    ['$nonce(?, "hex")(4)', /^[0-9a-f]{8}$/],
    ['$sha256(?, "base64")("a")', /^[\w+/]{43}=$/],
    ['$string(?)(1)', /^1$/],
    ['$substring(?, 1)("abc")', /^bc$/],
  ])('applies a function in part: %s', async (source, expected) => {
    expect(await compile(source, LIMITS).evaluate({}, { environment })).toMatch(expected)
  })

  it.each([
    ['[1..20]', { sequence: 10 }, 'D2015'],
    ['($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(50))', { stack: 40 }, 'D1011'],
    ['[1, 2, 3, 4]', { steps: 3 }, 'expr/limit'],
  ])('evaluates %s within %j', async (source, limits, code) => {
    const evaluated = (within: object) =>
      errorCode(() => compile(source, { ...LIMITS, ...within }).evaluate({}, { environment }))
    expect(await evaluated({})).toBe('none')
    expect(await evaluated(limits)).toBe(code)
  })

  it.each([
    ['1 + 2', { source: 5 }, { source: 4 }, 'expected at most 4 characters'],
    [
      '[[[[1]]]]',
      { nesting: 2 },
      { nesting: 1 },
      'expected an expression that is nested less deeply',
    ],
  ])('compiles %s within the limits of a source', (source, enough, tooLittle, message) => {
    expect(() => compile(source, { ...LIMITS, ...enough })).not.toThrow()
    expect(() => compile(source, { ...LIMITS, ...tooLittle })).toThrow(
      expect.objectContaining({ message, offset: 0, length: 1 }),
    )
  })

  it('has bindings of an evaluation, by name', async () => {
    const { evaluate } = compile('$x + 1', LIMITS)
    expect(await evaluate({}, { environment, bindings: { x: 1 } })).toBe(2)
  })

  it('does not look up names on prototypes', async () => {
    const source = '[constructor, toString, a.constructor, a.`__proto__`, $lookup(a, "valueOf")]'
    const { evaluate } = compile(source, LIMITS)
    expect(await evaluate({ a: {} }, { environment })).toEqual([])
  })
})

describe('what a template says it reads', () => {
  const context = request({ payload: { items: [{ id: 1, kind: 'a' }] }, body: Buffer.from('a') })
  const other: Record<string, unknown> = {
    attributes: { method: 'PUT', headers: { 'x-user': 'bob' }, queryString: 'c=3' },
    authentication: { principal: 'bob' },
    payload: { items: [{ id: 2, kind: 'b' }, { id: 3 }] },
    upstream: { host: 'other' },
    tokens: { saved: { value: 'other' } },
    vars: { region: 'us' },
    body: Buffer.from('b'),
  }

  it.each([
    ['attributes.method'],
    ['$$.attributes.method & upstream.host'],
    ['$.vars.region'],
    ['$string()'],
    ['$count($keys())'],
    ['$lookup("vars")'],
    ['$each(function($value, $name) { $name })'],
    ['*.region'],
    ['**.principal'],
    ['vars.%.authentication.principal'],
    ['payload.items[id = 1].kind'],
    ['payload.items.(kind & $$.vars.region)'],
    ['payload.items@$item.{"k": $item.kind, "m": $$.attributes.method}'],
    ['(vars).region'],
    ['[vars, authentication].principal'],
    ['{"a": vars.region}.a'],
    ['($v := vars; $v.region)'],
    ['(function() { upstream.host })()'],
    ['$map([1], function($n) { authentication.principal })'],
    ['$map([1], function($n)<n-:n> { $n })'],
    ['$canonicalQuery()'],
    ['[1].$canonicalQuery()'],
    ['$map(["a"], $canonicalQuery)'],
    ['$bodyHash()'],
    ['$exists(authentication.principal) ? tokens : vars'],
    ['payload ~> |items|{"region": $$.vars.region}|'],
    ['vars ~> $lookup("region")'],
    ['payload.items^(>id).kind'],
    ['payload.items{kind: $$.upstream.host}'],
    ['$sift(function($v, $k) { $k = "vars" })'],
    ['$.*.region'],
    ['$[vars.region = "eu"].upstream.host'],
  ])('is all that decides its result: %s', async (source) => {
    const template = parseTemplate(`#[${source}]`, environment)
    const result = (changed: RequestContext) => Promise.resolve(template.evaluate(changed))
    for (const [name, value] of Object.entries(other)) {
      if (template.reads.has(name as keyof RequestContext)) continue
      const changed = { ...context, [name]: value }
      expect([name, await result(changed)]).toEqual([name, await result(context)])
    }
  })
})
