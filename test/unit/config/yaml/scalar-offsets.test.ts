import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Document, isScalar } from 'yaml'
import { parseDocuments } from '../../../../src/config/yaml/document.ts'

function read(text: string) {
  const { documents, diagnostics } = parseDocuments('p.yaml', text)
  expect(diagnostics).toEqual([])
  const [document] = documents
  if (document === undefined) throw new Error('no document')
  return document
}

function valueIn(text: string): string {
  return String((read(text).value as { v: unknown }).v)
}

describe('the place of a character inside a scalar', () => {
  it.each<[string, string, string, number, number]>([
    ['plain', 'v: one two', 'two', 1, 8],
    ['plain over two lines', 'v: one\n  two three', 'three', 2, 7],
    ['plain with an empty line', 'v: one\n\n  two', 'two', 3, 3],
    ['plain, the fold itself', 'v: one\n  two', ' ', 1, 7],
    ['plain in a flow list', 'v: one\nw: [a, b]', 'one', 1, 4],
    ['single-quoted', "v: 'one two'", 'two', 1, 9],
    ['single-quoted after a doubled quote', "v: 'it''s two'", 'two', 1, 11],
    ['single-quoted, the doubled quote', "v: 'it''s'", "'", 1, 7],
    ['single-quoted over lines', "v: 'it''s\n   ''two'' three'", 'three', 2, 12],
    ['double-quoted', 'v: "one two"', 'two', 1, 9],
    ['double-quoted after \\n and \\t', 'v: "a\\n\\tb two"', 'two', 1, 12],
    ['double-quoted after \\x41', 'v: "\\x41 two"', 'two', 1, 10],
    ['double-quoted after \\u0041', 'v: "\\u0041 two"', 'two', 1, 12],
    ['double-quoted after \\U0001F600', 'v: "\\U0001F600 two"', 'two', 1, 16],
    ['double-quoted after \\" and \\\\', 'v: "\\"\\\\ two"', 'two', 1, 10],
    ['double-quoted, the escape itself', 'v: "a\\"b"', '"', 1, 6],
    ['double-quoted, folded', 'v: "one  \n\n   two three"', 'three', 3, 8],
    ['double-quoted, continued', 'v: "one\\\n     two three"', 'three', 2, 10],
    ['double-quoted with CRLF', 'v: "one\r\n  two"', 'two', 2, 3],
    ['literal', 'v: |\n  one\n  two', 'two', 3, 3],
    ['literal, deeper lines', 'v: |\n  one\n     two', 'two', 3, 6],
    ['literal, indicator', 'v: |2\n   one\n  two', 'one', 2, 4],
    ['literal, indicator and chomping', 'v: |2-\n    one\n  two', 'two', 3, 3],
    ['literal after empty lines', 'v: |\n\n\n  one two', 'two', 4, 7],
    ['literal with a comment behind the header', 'v: | # c\n  one', 'one', 2, 3],
    ['literal with CRLF', 'v: |\r\n  one\r\n  two\r\n', 'two', 3, 3],
    ['folded', 'v: >\n  one\n  two\n  three', 'three', 4, 3],
    ['folded, stripped', 'v: >-\n  one\n\n  two', 'two', 4, 3],
    ['folded, deeper lines', 'v: >\n  one\n    two\n  three', 'three', 4, 3],
    ['folded, kept', 'v: >+\n  one\n  two\n\n', 'two', 3, 3],
  ])('is right in a %s scalar', (_style, text, part, line, column) => {
    const offset = valueIn(text).indexOf(part)
    expect(offset).toBeGreaterThanOrEqual(0)
    expect(read(text).locateOffset(['v'], offset, part.length)).toMatchObject({ line, column })
  })

  it('marks as many characters as are written', () => {
    expect(read('v: "a\\u0041\\u0042c"').locateOffset(['v'], 1, 2).length).toBe(7)
  })

  it('is the end of the scalar for an offset behind the text', () => {
    expect(read('v: one').locateOffset(['v'], 99)).toMatchObject({ line: 1, column: 7 })
  })

  it('is the start of the value where there is no text', () => {
    expect(read('v: 12').locateOffset(['v'], 1)).toMatchObject({ line: 1, column: 4 })
    expect(read('v: {a: 1}').locateOffset(['v', 'b'], 1)).toMatchObject({ line: 1, column: 1 })
  })

  // Every letter occurs once, so that only one place in the file can be right.
  const scalarText = fc
    .array(
      fc.constantFrom(
        'L',
        'L',
        'L',
        ' ',
        '  ',
        '\n',
        '\n\n',
        "'",
        '"',
        '\\',
        '#',
        ': ',
        '😀',
        '\t',
      ),
      {
        minLength: 1,
        maxLength: 30,
      },
    )
    .map((parts) => parts.map((part, i) => (part === 'L' ? letter(i) : part)).join(''))

  it.each(['PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const)(
    'points at the character that was written, for any text as %s',
    (type) => {
      let checked = 0
      const property = fc.property(
        scalarText,
        fc.constantFrom(2, 4),
        fc.boolean(),
        (text, indent, crlf) => {
          const document = new Document({ a: { v: text } })
          const node = document.getIn(['a', 'v'], true)
          if (isScalar(node)) node.type = type
          const written = document.toString({ indent, lineWidth: 24, minContentWidth: 0 })
          const file = crlf ? written.replaceAll('\n', '\r\n') : written
          const parsed = parseDocuments('p.yaml', file).documents[0]
          fc.pre(parsed !== undefined)
          const value = (parsed?.value as { a: { v: unknown } } | undefined)?.a.v
          fc.pre(typeof value === 'string')
          const lines = file.split('\n')
          for (const [offset, char] of [...String(value)].entries()) {
            if (!/[\u4e00-\u9fff]/.test(char)) continue
            const at = parsed?.locateOffset(['a', 'v'], unitsBefore(String(value), offset))
            const line = lines.findIndex((candidate) => candidate.includes(char))
            expect(at).toMatchObject({
              line: line + 1,
              column: (lines[line] ?? '').indexOf(char) + 1,
            })
            checked += 1
          }
        },
      )
      fc.assert(property, { numRuns: 300 })
      expect(checked).toBeGreaterThan(300)
    },
  )

  it('points at the escape or fold that made the character, for any double-quoted text', () => {
    const piece = fc.constantFrom<[string, string]>(
      ['a', 'a'],
      ['\\x41', 'A'],
      ['\\u00e9', 'é'],
      ['\\U0001F600', '😀'],
      ['\\n', '\n'],
      ['\\"', '"'],
      ['\\\\', '\\'],
      ['\\ ', ' '],
      ['😀', '😀'],
      ['x y', 'x y'],
      ['\\\n   ', ''],
      ['b\n   ', 'b '],
      ['c \n\n \n  ', 'c\n\n'],
      ['d\r\n  ', 'd '],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const file = `v: "${pieces.map(([written]) => written).join('')}e"`
        const value = `${pieces.map(([, meant]) => meant).join('')}e`
        // Blanks before a break are dropped, also those of the piece before it.
        fc.pre(valueIn(file) === value)
        let offset = 0
        let at = 4
        for (const [written, meant] of pieces) {
          const before = file.slice(0, at)
          const line = before.split('\n').length
          const column = at - before.lastIndexOf('\n')
          if (meant !== '') {
            expect(read(file).locateOffset(['v'], offset)).toMatchObject({ line, column })
          }
          offset += meant.length
          at += written.length
        }
      }),
      { numRuns: 200 },
    )
  })
})

function letter(index: number): string {
  return String.fromCodePoint(0x4e00 + index)
}

function unitsBefore(text: string, points: number): number {
  return [...text].slice(0, points).join('').length
}
