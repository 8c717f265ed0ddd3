import { describe, expect, it } from 'vitest'
import {
  type Diagnostic,
  formatDiagnostic,
  sortDiagnostics,
  toJson,
} from '../../../src/config/diagnostic.ts'

const base: Diagnostic = {
  file: 'policies/billing.yaml',
  line: 8,
  column: 18,
  severity: 'error',
  rule: 'schema/enum',
  message: 'jwt.signingMethod: "RS265" is not a supported algorithm',
  hint: 'did you mean RS256?',
  excerpt: { text: '  signingMethod: RS265', from: 17, length: 5 },
}

describe('a diagnostic as text', () => {
  it('has the place, the line, a caret and the hint', () => {
    expect(formatDiagnostic(base)).toBe(
      [
        'policies/billing.yaml:8:18: error[schema/enum] jwt.signingMethod: "RS265" is not a supported algorithm',
        '    8 |   signingMethod: RS265',
        '      |                  ^^^^^  did you mean RS256?',
      ].join('\n'),
    )
  })

  it('has the hint on its own line when there is no source line', () => {
    const { excerpt: _excerpt, ...secret } = base
    expect(formatDiagnostic(secret).split('\n')).toEqual([
      'policies/billing.yaml:8:18: error[schema/enum] jwt.signingMethod: "RS265" is not a supported algorithm',
      '      hint: did you mean RS256?',
    ])
  })

  it('ends with the caret when there is no hint', () => {
    const { hint: _hint, ...plain } = base
    expect(formatDiagnostic(plain).split('\n').at(-1)).toBe('      |                  ^^^^^')
  })

  it.each([
    ['a tab', '\tkey: bad', 6, '    8 |     key: bad', '      |          ^^^'],
    ['a wide character', '漢字: bad', 4, '    8 | 漢字: bad', '      |       ^^^'],
    ['an emoji', '😀: bad', 4, '    8 | 😀: bad', '      |     ^^^'],
    ['a combining mark', 'e\u0301: bad', 4, '    8 | e\u0301: bad', '      |    ^^^'],
    ['an escaped control', 'a\x1b: bad', 4, '    8 | a\\u{1b}: bad', '      |          ^^^'],
    [
      'a bidirectional control',
      'a\u202e: bad',
      4,
      '    8 | a\\u{202e}: bad',
      '      |            ^^^',
    ],
  ])('keeps the caret below its text after %s', (_what, text, from, line, caret) => {
    const { hint: _hint, ...plain } = base
    const shown = formatDiagnostic({ ...plain, excerpt: { text, from, length: 3 } })
    expect(shown.split('\n').slice(1)).toEqual([line, caret])
  })

  it.each([0, 50, 500, 990])('cuts a line of 1000 characters around column %i', (from) => {
    const text = `${'x'.repeat(from)}BAD${'y'.repeat(1000 - from - 3)}`
    const [, line = '', caret = ''] = formatDiagnostic({
      ...base,
      excerpt: { text, from, length: 3 },
    }).split('\n')
    expect(line.length).toBeLessThan(120)
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('BAD')
  })

  it('never cuts a surrogate pair', () => {
    const excerpt = { text: '😀'.repeat(300), from: 301, length: 2 }
    expect(formatDiagnostic({ ...base, excerpt })).not.toMatch(/\\u\{d8|\p{Cs}/u)
  })

  it('puts one caret at the end of a line for what is missing there', () => {
    const excerpt = { text: 'key:', from: 4, length: 1 }
    const [, , caret] = formatDiagnostic({ ...base, excerpt }).split('\n')
    expect(caret).toBe('      |     ^  did you mean RS256?')
  })

  it('escapes what could forge a line or a command of the runner', () => {
    const [line, ...rest] = formatDiagnostic({
      ...base,
      file: '::error file=x\ny',
      message: '::set-output a\r\nb',
      hint: 'c\x07',
    }).split('\n')
    expect(line).toBe(
      '\\u{3a}:error file=x\\ny:8:18: error[schema/enum] \\u{3a}:set-output a\\r\\nb',
    )
    expect(rest.at(-1)).toContain('c\\u{7}')
  })

  it('is the same with colour but for the colour', () => {
    const colored = formatDiagnostic(base, { color: true })
    expect(colored).toContain('\x1b[31m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
    expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(formatDiagnostic(base))
  })
})

it('sorts by file in byte order, then line, column and rule', () => {
  const at = (file: string, line: number, column: number, rule = 'a/a') => ({
    ...base,
    file,
    line,
    column,
    rule,
  })
  const sorted = [
    at('B', 1, 1),
    at('a', 1, 9),
    at('a', 2, 1),
    at('a', 10, 1),
    at('a', 10, 1, 'b/b'),
    at('é', 1, 1),
  ]
  expect(sortDiagnostics(sorted.toReversed())).toEqual(sorted)
})

it('leaves the source text out of JSON', () => {
  expect(JSON.stringify(toJson(base))).not.toContain('excerpt')
  expect(Object.keys(toJson(base))).toEqual([
    'file',
    'line',
    'column',
    'severity',
    'rule',
    'message',
    'hint',
  ])
})
