import { describe, expect, it } from 'vitest'
import { type Token, tokenize } from '../../../../src/expression/dataweave/token.ts'

/** Kind, text and place of every token but the end; of a string what it is made of. */
function shown(tokens: readonly Token[]): unknown[] {
  return tokens.slice(0, -1).map(({ kind, text, offset, end, parts }) => {
    if (parts === undefined) return `${kind} ${text} ${offset}-${end}`
    const made = parts.map((part) => (typeof part === 'string' ? part : shown(part)))
    return [`${kind} ${text} ${offset}-${end}`, made]
  })
}

describe('the tokens of a text', () => {
  it.each<[string, unknown[]]>([
    ['', []],
    ['ab_1 _c', ['name ab_1 0-4', 'name _c 5-7']],
    [
      '12 2.5e-3 1E+10 7.x',
      [
        'number 12 0-2',
        'number 2.5e-3 3-9',
        'number 1E+10 10-15',
        'number 7 16-17',
        'sign . 17-18',
        'name x 18-19',
      ],
    ],
    ['a++b--c', ['name a 0-1', 'sign ++ 1-3', 'name b 3-4', 'sign -- 4-6', 'name c 6-7']],
    ['a - -b', ['name a 0-1', 'sign - 2-3', 'sign - 4-5', 'name b 5-6']],
    ['\t\n\r\u00a0\uFEFF a', ['name a 6-7']],
    ['a//c\nb', ['name a 0-1', 'name b 5-6']],
    ['a//c\rb', ['name a 0-1', 'name b 5-6']],
    ['a//c', ['name a 0-1']],
    ['a/*/ */b', ['name a 0-1', 'name b 7-8']],
    ['/* */ /* */ // \n b', ['name b 17-18']],
    ["'a'", [["string ' 0-3", ['a']]]],
    ['`a`', [['string ` 0-3', ['a']]]],
    ['""', [['string " 0-2', ['']]]],
    ["'\"`'", [["string ' 0-4", ['"`']]]],
    ["'\\n\\t\\r\\b\\f\\q\\'\\\\\\u0041\\u00e9x'", [["string ' 0-31", ["\n\t\r\b\fq'\\Aéx"]]]],
    ['"a$(b)c"', [['string " 0-8', ['a', ['name b 4-5'], 'c']]]],
    ['"$(f(1))"', [['string " 0-9', [['name f 3-4', 'sign ( 4-5', 'number 1 5-6', 'sign ) 6-7']]]]],
    ['"$( b )$(c)"', [['string " 0-12', [['name b 4-5'], ['name c 9-10']]]]],
    ['"$("$(a)")"', [['string " 0-11', [[['string " 3-9', [['name a 6-7']]]]]]]],
    ['"$x-$y_1"', [['string " 0-9', [['name x 2-3'], '-', ['name y_1 5-8']]]]],
    ['"$ x $1"', [['string " 0-8', ['$ x $1']]]],
  ])('of %j', (text, expected) => {
    const tokens = tokenize(text)
    expect(shown(tokens)).toEqual(expected)
    expect(tokens.at(-1)).toMatchObject({ kind: 'end', text: '', offset: tokens.at(-1)?.end })
  })

  it.each([
    ['a', 1],
    ['a  ', 3],
    ['a // b', 6],
    ['', 0],
    ['  ', 2],
  ])('end behind the space and comments of %j', (text, end) => {
    expect(tokenize(text).at(-1)).toEqual({ kind: 'end', text: '', offset: end, end })
  })

  it('has each of its signs whole', () => {
    const signs =
      '=== !== ... ++ -- == != >= <= :: ~= -> => >> << .. .* .@ .& .# && || ?? ?. ' +
      '+ - * / < > ! ( ) [ ] { } , . : ? # @ & | = ~ ^ % ; $'
    expect(shown(tokenize(signs)).map((token) => String(token).split(' ')[1])).toEqual(
      signs.split(' '),
    )
  })

  it.each([
    ['a §', 2, 1],
    ["a 'b", 2, 1],
    ["'\\", 0, 1],
    ["'\\u12'", 1, 2],
    ["a'\\u12g4'", 2, 2],
    ['a /* b', 2, 2],
    ['"$(a"', 4, 1],
    ['x "$(a', 6, 1],
    ['"$('.repeat(17), 49, 2],
  ])('are refused at their place: %j', (text, offset, length) => {
    expect(() => tokenize(text)).toThrow(expect.objectContaining({ offset, length }))
  })

  it('has 16 strings inside each other at most', () => {
    expect(tokenize(`${'"$('.repeat(16)}1${')"'.repeat(16)}`)).toHaveLength(2)
  })
})
