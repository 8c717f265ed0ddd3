import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

describe('a template', () => {
  it.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['#[1 + 2]', 3],
    ['#["a"]', 'a'],
    ['#[true]', true],
    ['#[null]', null],
    ['#[{"a": [1, {"b": -2}]}]', { a: [1, { b: -2 }] }],
    ['#[attributes.method]', 'GET'],
    ['#[attributes.headers.`x-user`]', 'ann'],
    ['#[attributes.headers."x-user"]', 'ann'],
    ['#[upstream.port]', 443],
    ['#[authentication]', { principal: 'ann' }],
    ['#[vars.region & "-1"]', 'eu-1'],
    ['Bearer #[attributes.headers.`x-user`]', 'Bearer ann'],
    ['#[upstream.port]/#[1 = 1]/#[vars.region]', '443/true/eu'],
    ['#["a"]#["b"]', 'ab'],
    ['#[attributes.method]\n', 'GET'],
    [' #[upstream.port]', ' 443'],
    ['#[/* ] */ "]\\"" & `attributes`.method & $string([1][0])]', ']"GET1'],
    ['#[$match("a]b", /[\\]]/).match]', ']'],
    ['#[authentication.clientId ?? "anonymous"]', 'anonymous'],
  ])('evaluates %s', async (text, expected) => {
    expect(await parse(text).evaluate(request())).toEqual(expected)
  })

  it.each([
    ['#[attributes.missing]'],
    ['#[authentication.clientId]'],
    ['#[attributes.headers.constructor]'],
    ['#[attributes.headers.valueof]'],
    ['#[attributes.toString.length]'],
    ['#[authentication.`__proto__`]'],
    ['#[payload.a.b]'],
    ['before #[attributes.missing] after'],
    ['before #[$lowercase(attributes.missing)] after'],
    ['#[$lookup(authentication, "constructor")]'],
  ])('gives nothing for %s, which is missing', async (text) => {
    expect(await parse(text).evaluate(request())).toBeUndefined()
  })

  it.each([
    ['\\#[x]', '#[x]'],
    ['a\\#[x] #["b"]', 'a#[x] b'],
    ['a\\\\#["b"]', 'a\\b'],
    ['a\\b # [c]', 'a\\b # [c]'],
  ])('takes a backslash before the mark for an escape: %s', (text, expected) => {
    expect(parse(text).evaluate(request())).toBe(expected)
  })

  it.each([
    ['plain', 'literal', false],
    ['#["a"]', 'literal', true],
    ['a #[1] b', 'literal', false],
    ['#[[1, 2]]', 'literal', true],
    ['#[attributes.method]', 'path', true],
    ['#[$.attributes.method]', 'path', true],
    ['a #[attributes.method]', 'path', false],
    ['#[attributes.method]#[$uuid()]', 'general', false],
    ['#[attributes.method[0]]', 'path', true],
    ['#[attributes.method[1]]', 'general', true],
    ['#[attributes[0].method]', 'general', true],
    ['#[attributes.method[]]', 'general', true],
    ['#[vars.*]', 'general', true],
  ])('knows the form of %s', (text, form, single) => {
    expect(parse(text)).toMatchObject({ form, single, source: text })
  })

  it.each([['#["a"]'], ['#[attributes.method]'], ['a #[payload.items.id]']])(
    'answers %s at once',
    (text) => {
      const payload = { items: [{ id: 1 }] }
      expect(parse(text).evaluate(request({ payload }))).not.toBeInstanceOf(Promise)
    },
  )

  it.each([
    ['a #[authentication]'],
    ['a #[attributes.headers.`x-many`]'],
    ['a #[payload.none & []]#[payload]'],
  ])('refuses %s, which puts an object, an array or null inside text', async (text) => {
    const outcome = await errorCode(() => parse(text).evaluate(request({ payload: null })))
    expect(outcome).toBe('expr/failed')
  })

  it.each([
    ['#[attributes.method]\r\n', true],
    ['#[attributes.method]\n\n', true],
    ['#[attributes.method]', true],
    ['#[attributes.method] \n', false],
    ['#[attributes.method]\n ', false],
    ['#[attributes.method]a\n', false],
    ['#[attributes.method]\na', false],
    ['\n#[attributes.method]', false],
    ['#[attributes.method]\n#[attributes.method]', false],
    ['#[attributes.method]\n#[attributes.method]\n', false],
  ])('is single where only line breaks stand behind it: %j', (text, single) => {
    expect(parse(text).single).toBe(single)
  })

  it('encodes what texts put into the text around them, and nothing else', async () => {
    const encode = (given: string) => `<${given}>`
    const encoded = (text: string) =>
      parseTemplate(text, environment, undefined, encode).evaluate(request())
    expect(encoded('a #[vars.region] #[upstream.port] #["b"]')).toBe('a <eu> 443 <b>')
    expect(await encoded('a #[$uppercase(vars.region)] #[1 < 2]')).toBe('a <EU> true')
    expect(encoded('#[vars.region]')).toBe('eu')
  })

  it('reads what any of its expressions reads', () => {
    const { reads } = parse('a #[vars.region] b #[upstream.port] #[$bodyHash()]')
    expect([...reads].toSorted()).toEqual(['body', 'upstream', 'vars'])
  })

  it('refuses a constant object inside text when it is parsed', () => {
    expect(() => parse('a #[{"b": 1}]')).toThrow('expected a string, number or boolean inside text')
  })
})

describe('what a template reads', () => {
  it.each([
    ['text', []],
    ['#[attributes.method]', ['attributes']],
    ['#[attributes.uriParams.id]', ['attributes']],
    ['#[attributes.headers.`x-user`]', ['attributes', 'header x-user']],
    ['#[attributes.headers.host & vars.a]', ['attributes', 'header host', 'vars']],
    ['#[$exists($$.attributes.headers.a)]', ['attributes', 'header a']],
    ['#[attributes.headers]', ['attributes', 'header *']],
    ['#[attributes.headers.*]', ['attributes', 'header *']],
    ['#[attributes]', ['attributes', 'header *']],
    ['#[attributes.*.a]', ['attributes', 'header *']],
    ['#[$$.vars.region]', ['vars']],
    ['#[vars.region & authentication.principal]', ['authentication', 'vars']],
    ['#[$map(payload.items, function($i) { $i.id & upstream.host })]', ['payload', 'upstream']],
    ['#[payload.items[id = $$.vars.region].name]', ['payload', 'vars']],
    ['#[attributes.(vars)]', ['attributes', 'header *']],
    ['#[{"a": tokens.b.value}.a]', ['tokens']],
    ['#[$bodyHash()]', ['body']],
    ['#[$canonicalQuery()]', ['attributes']],
  ])('is known for %s', (text, reads) => {
    expect([...parse(text).reads].sort()).toEqual(reads)
  })

  it.each([
    ['#[$]'],
    ['#[$$]'],
    ['#[*]'],
    ['#[**.id]'],
    ['#[$string()]'],
    ['#[$keys()]'],
    ['#[$lookup("vars")]'],
  ])('is everything for %s', (text) => {
    expect(parse(text).reads.size).toBe(7)
  })
})

describe('a volatile template', () => {
  it.each([
    ['#[$uuid()]', true],
    ['#[$nonce()]', true],
    ['#[$random()]', true],
    ['#[$shuffle([1, 2])]', true],
    ['#[$now()]', true],
    ['#[$millis()]', true],
    ['a-#[$nowSeconds()]', true],
    ['#[$bodyHash()]', false],
    ['#[$map([1], $uuid)]', true],
    ['#[$toMillis(vars.region, "[H01]:[m01]")]', true],
    ['#[vars.region ~> $toMillis("[H01]:[m01]")]', true],
    ['#[$toMillis(vars.region)]', false],
    ['#[$sha256(vars.region)]', false],
    ['#[attributes.method]', false],
  ])('is told by its functions: %s', (text, volatile) => {
    expect(parse(text).volatile).toBe(volatile)
  })
})
