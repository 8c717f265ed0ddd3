import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { type Node, nodes, token } from '../../../src/expression/syntax.ts'

const parse = (source: string) => jsonata(source).ast() as unknown as Node

/** What the token of the first node of that type marks. */
function marked(source: string, type: string): string {
  const node = nodes(parse(source), 100).find((each) => each.type === type)
  const { offset, length } = token(node as Node, source)
  return source.slice(offset, offset + length)
}

describe('the token of a node', () => {
  it.each([
    ['  $abc + 1', 'variable', '$abc'],
    ['1 + $', 'variable', '$'],
    ['1 + $$', 'variable', '$$'],
    ['1 + abc', 'name', 'abc'],
    ['1 + `a b`', 'name', '`a b`'],
    ['`a`', 'name', '`a`'],
    ['"a b"', 'string', '"a b"'],
    ["1 & 'a'", 'string', "'a'"],
    ['"x" & 1', 'string', '"x"'],
    ['1 & "a\\"b"', 'string', '"a\\"b"'],
    ['1 & "\\\\"', 'string', '"\\\\"'],
    ['1 & "a\\\\\\"b"', 'string', '"a\\\\\\"b"'],
    ['1 & ""', 'string', '""'],
    ['`a\\`', 'name', '`a\\`'],
    ['$match(a, /b+/i)', 'regex', '/b+/i'],
    ['a + 12', 'number', '2'],
    ['a + b', 'binary', '+'],
    ['a != b', 'binary', '!='],
    ['a and b', 'binary', 'and'],
    ['$f(1)', 'function', '('],
    ['a ? b : c', 'condition', '?'],
  ])('of %s that is a %s', (source, type, expected) => {
    expect(marked(source, type)).toBe(expected)
  })

  it('is a character at least, inside the source', () => {
    expect(token({ type: 'name' }, 'abc')).toEqual({ offset: 0, length: 1 })
    expect(token({ type: 'name', value: 'ab', position: 99 }, 'abc')).toEqual({
      offset: 1,
      length: 2,
    })
    expect(token({ type: 'regex', value: {}, position: 3 }, 'abc')).toEqual({
      offset: 2,
      length: 1,
    })
  })
})

describe('the nodes of a tree', () => {
  it.each([
    ['a.b', ['path', 'name', 'name']],
    ['[a, 1]', ['unary', 'path', 'name', 'number']],
    ['{"a": 1}', ['unary', 'string', 'number']],
    ['(1; $a)', ['block', 'number', 'variable']],
    ['$f(1)', ['function', 'number', 'variable']],
    ['a[1]', ['path', 'name', 'number']],
    ['$a[1]', ['variable', 'number']],
    ['a{"b": 1}', ['path', 'name', 'string', 'number']],
    ['a^(b)', ['path', 'name', 'sort', 'path', 'name']],
    ['1 ? 2 : 3', ['condition', 'number', 'number', 'number']],
    ['1 + 2', ['binary', 'number', 'number']],
    ['$a := 1', ['bind', 'number', 'variable']],
    ['1 ~> $f', ['apply', 'variable', 'number']],
    ['function($x) { 1 }', ['lambda', 'number']],
    ['|a|{"b": 1}, "c"|', ['transform', 'path', 'name', 'unary', 'string', 'number', 'string']],
    ['$f(?)', ['partial', 'operator', 'variable']],
  ])('of %s', (source, types) => {
    expect(nodes(parse(source), 100).map(({ type }) => type)).toEqual(types)
  })

  it('are refused when they are deeper than the limit', () => {
    expect(nodes(parse('1'), 1)).toHaveLength(1)
    expect(nodes(parse('[[1]]'), 3)).toHaveLength(3)
    expect(() => nodes(parse('[[1]]'), 2)).toThrow(RangeError)
  })
})
