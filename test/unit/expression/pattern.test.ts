import { describe, expect, it } from 'vitest'
import { compilePattern, ExpressionSyntaxError } from '../../../src/expression/index.ts'

describe('a pattern', () => {
  it.each([
    ['/api/.*', '/api/'],
    ['a|ab', 'ab'],
    ['(?i)get', 'GET'],
    ['(?P<id>\\d+)', '7'],
    ['(?<id>\\d+)', '7'],
    ['', ''],
  ])('%s matches the whole of %s', (source, text) => {
    expect(compilePattern(source)(text)).toBe(true)
  })

  it.each([
    ['/api', '/api/'],
    ['api', '/api'],
    ['^a$', 'a\n'],
    ['.*', 'a\nb'],
    ['', 'a'],
  ])('%s does not match a part of %j', (source, text) => {
    expect(compilePattern(source)(text)).toBe(false)
  })

  it.each([
    ['(a+)+', 'b'],
    ['(a|a)*', 'b'],
    ['(.*a){20}', 'b'],
    ['(a*)*$', 'b'],
  ])('T070 %s takes no longer than the text is long', (source, end) => {
    // an engine that backtracks does not come back from the first of them
    expect(compilePattern(source)(`${'a'.repeat(16_000)}${end}`)).toBe(false)
  })

  it.each([
    ['(a)\\1', /\\1/, /back-references/],
    ['(?<q>a)\\k<q>', /\\k/, /back-references/],
    ['a(?=b)', /\(\?=/, /look-around/],
    ['a(?!b)', /\(\?!/, /look-around/],
    ['(?<=a)b', /\(\?<=/, /look-around/],
    ['(?<!a)b', /\(\?<!/, /look-around/],
    ['(', /missing closing/, undefined],
    ['[a', /missing closing/, undefined],
    ['a++', /RE2 syntax/, undefined],
    ['a{2000}', /repeat count/, undefined],
    ['((a{100}){100}){100}', /repeat count/, undefined],
    ['((a{31}){32})', /smaller/, /several rules/],
    ['a'.repeat(5000), /smaller/, /several rules/],
  ])('%s is refused with what is wrong and what to do', (source, message, hint) => {
    const compile = () => compilePattern(source)
    expect(compile).toThrow(ExpressionSyntaxError)
    expect(compile).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }))
    const hinted = expect.objectContaining({ hint: hint && expect.stringMatching(hint) })
    if (hint) expect(compile).toThrow(hinted)
  })

  it.each([
    ['ab(?=c)', 2, '(?='],
    ['a\\8b', 1, '\\8'],
    ['ab**', 2, '**'],
  ])('%s is refused at its place', (source, offset, found) => {
    expect(() => compilePattern(source)).toThrow(
      expect.objectContaining({
        rule: 'expr/regex',
        offset,
        length: found.length,
        message: expect.stringContaining(`, found "${found}"`),
      }),
    )
  })

  it('has up to 4,096 characters', () => {
    expect(compilePattern(`[${'a'.repeat(4094)}]`)('a')).toBe(true)
    expect(() => compilePattern(`[${'a'.repeat(4095)}]`)).toThrow(
      expect.objectContaining({
        message: 'expected a smaller regular expression',
        hint: 'repeat less, or write several rules',
        rule: 'expr/regex',
        offset: 0,
        length: 4097,
      }),
    )
  })
})
