import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMap, isScalar, isSeq, type Pair } from 'yaml'
import { simpleStream } from '../../../../../src/config/yaml/simple/simple-stream.ts'
import { composeStream } from '../../../../../src/config/yaml/yaml-stream.ts'

/** All that is ever asked of a node. */
function shape(node: unknown): unknown {
  if (isScalar(node)) {
    const { value, source, type, range } = node
    const { srcToken } = node as { srcToken?: { type: string; offset: number; source: string } }
    const token = srcToken && [srcToken.type, srcToken.offset, srcToken.source]
    return { value, source, type, range: range?.slice(0, 2), token }
  }
  if (!isMap(node) && !isSeq(node)) return node
  const { flow = false, range } = node
  const items = isMap(node)
    ? node.items.map(({ key, value }: Pair) => [shape(key), shape(value)])
    : node.items.map(shape)
  // of a collection in a block, only its begin is asked for
  return { items, flow, range: range?.slice(0, flow ? 2 : 1) }
}

/** What the parser composes, when it finds nothing to say. */
function composed(text: string): unknown {
  const { documents, faults, comments } = composeStream(text)
  expect([...faults, ...comments]).toEqual([])
  return documents.map(({ contents }) => shape(contents))
}

const read = (text: string) => simpleStream(text)?.map(({ contents }) => shape(contents))

describe('text of the simple kind', () => {
  it.each([
    ['a map', 'name: p\norder: 7\n'],
    ['without a line break at the end', 'name: p'],
    ['text that goes on', 'description: Calls carry a JWT, made anew; a#b a:b\n'],
    ['maps below maps', 'jwt:\n  account: erp\n  encrypt:\n    alg: RSA-OAEP-256\nname: p\n'],
    ['a list that is indented', 'aud:\n  - a\n  - https://b.example.com:443\nname: p\n'],
    ['a list that is not', 'aud:\n- a\n- b\nname: p\n'],
    ['maps in a list', 'claims:\n  - name: a\n    value: 1\n  -   name: b\n      value: -20\n'],
    ['a map below a list entry', 'claims:\n  - name:\n      deep: 1\n    value: x\n'],
    ['a list that is all', '- a\n- b: c\n  d: e\n'],
    ['flow maps', 'match: { path: /a, hosts: [a.b, "c"], headers: {} }\n'],
    ['flow lists', 'aud: [ a, \'b c\' ,"d"]\nempty: []\n'],
    ['quoted text', 'a: "#[x.y: z]"\nb: \'say "hi"\'\nc: ""\n'],
    ['booleans and numbers', 'a: true\nb: false\nc: 0\nd: 123456789012345\ne: [1, true]\n'],
    ['comments on lines of their own', '# first\nname: p\n\n  # second\norder: 1\n# last\n'],
    ['comments behind values', 'a: b # c\nd: "e" # "f"\ng: [h]  # i: [\n'],
    ['relative paths', 'a: ./b\nc: { file: ../d/e.pem }\n'],
    ['spaces at the ends of lines', 'name: p  \njwt:   \n  exp: 60 \n'],
    ['several documents', '---\nname: a\n---\nname: b\n'],
  ])('is composed as the parser does: %s', (_, text) => {
    expect(read(text)).toBeDefined()
    expect(read(text)).toEqual(composed(text))
  })

  it.each([
    ['nothing', ''],
    ['comments alone', '# nothing\n'],
    ['an expression without quotes', 'when:\n  #[x]\n'],
    ['an expression without quotes behind a value', 'a: b #[c]\n'],
    ['a comment in place of a value', 'a: # b\n  c: d\n'],
    ['text that goes on in the next line', 'a: b\n  c\n'],
    ['an entry that goes on in the next line', '- a\n  b\n'],
    ['an escape', 'a: "\\n"\n'],
    ['two quotes in one', "a: 'it''s'\n"],
    ['text over several lines', 'a: |\n  b\n'],
    ['a value that is not there', 'a:\nb: c\n'],
    ['a list entry that is not there', 'a:\n  -\n  - b\n'],
    ['null', 'a: null\n'],
    ['another spelling of true', 'a: True\n'],
    ['a number with a point', 'a: 1.5\n'],
    ['an octal number', 'a: 017\n'],
    ['an anchor', 'a: &x b\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str b\n'],
    ['a merge key', '<<: { a: b }\n'],
    ['a key in quotes', '"a": b\n'],
    ['a key that is no text', 'true: b\n'],
    ['a directive', '%YAML 1.2\n---\na: b\n'],
    ['the end of a document', 'a: b\n...\n'],
    ['a tab', 'a:\tb\n'],
    ['a carriage return', 'a: b\r\n'],
    ['characters beyond ASCII', 'a: ü\n'],
    ['a line that is indented like nothing above', 'a:\n    b: c\n  d: e\n'],
    ['a list behind a map', 'a: b\n- c\n'],
    ['a map without a space', 'a:b\n'],
    ['a colon in plain text', 'a: b: c\n'],
    ['a pair in a flow list', 'a: [b: c]\n'],
    ['a comma at the end of a flow list', 'a: [b, ]\n'],
    ['a flow map that is not closed', 'a: { b: c\n'],
    ['text behind a flow map', 'a: { b: c } d\n'],
    ['more depth than any file needs', `a: ${'['.repeat(40)}${']'.repeat(40)}\n`],
  ])('does not hold %s', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  const scalar = fc.constantFrom(
    ...[
      'a',
      'a b',
      './a',
      '../b c',
      '.5',
      '..',
      'true',
      'null',
      '12',
      '-3',
      '017',
      '1e3',
      '~',
      '"x"',
      '"a: b"',
      "'y'",
      "''",
    ],
    ...[
      'http://a.b:1/c',
      '"#[x]"',
      '#[x]',
      'a: b',
      'a #b',
      'a#b',
      'a :b',
      '/',
      '-',
      '- a',
      '{}',
      '[]',
    ],
    ...[
      '{ a: b }',
      '[a, 1, "c"]',
      '{ a: [b, { c: d }] }',
      '[a',
      '{a}',
      'x,y',
      'x]',
      '|',
      '>',
      '!t',
      '&a b',
    ],
  )
  const line = fc.record({
    indent: fc.constantFrom(0, 0, 1, 2, 2, 4),
    head: fc.constantFrom(
      'a: ',
      'b:',
      'c: ',
      '- ',
      '- a: ',
      '-',
      '',
      'name: ',
      '---',
      '# c',
      'd:  ',
    ),
    value: fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 3, arbitrary: scalar }),
    end: fc.constantFrom('', '', '', ' ', ' # c', '  #d', ' #[e]', '\r', '\t'),
  })

  it('is what the parser composes without a word, whatever else it may be', () => {
    let simple = 0
    fc.assert(
      fc.property(fc.array(line, { maxLength: 7 }), (lines) => {
        const text = lines
          .map(({ indent, head, value, end }) => `${' '.repeat(indent)}${head}${value}${end}\n`)
          .join('')
        const found = read(text)
        if (found === undefined) return
        simple += 1
        expect(found).toEqual(composed(text))
      }),
      { numRuns: 20_000 },
    )
    expect(simple).toBeGreaterThan(100)
  })
})
