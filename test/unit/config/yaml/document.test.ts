import { describe, expect, it } from 'vitest'
import { formatDiagnostic } from '../../../../src/config/diagnostic.ts'
import { parseDocuments } from '../../../../src/config/yaml/document.ts'

const parse = (text: string) => parseDocuments('p.yaml', text)
const findings = (text: string) =>
  parse(text).diagnostics.map(
    ({ severity, rule, line, column, excerpt }) =>
      `${line}:${column}+${excerpt?.length ?? 0} ${severity} ${rule}`,
  )

describe('T080 the text of a file', () => {
  it.each([
    ['a duplicate key, at the second', 'a: 1\nb: 2\na: 3', ['3:1+1 error yaml/duplicate-key']],
    ['a duplicate key in another quoting', 'a: 1\n"a": 3', ['2:1+3 error yaml/duplicate-key']],
    ['a duplicate key in a flow map', 'v: {a: 1, a: 2}', ['1:11+1 error yaml/duplicate-key']],
    [
      'each further duplicate',
      'a: 1\na: 2\na: 3',
      ['2:1+1 error yaml/duplicate-key', '3:1+1 error yaml/duplicate-key'],
    ],
    ['an anchor', 'a: &x 1', ['1:4+2 error yaml/alias']],
    [
      'an anchor and its alias',
      'a: &x 1\nb: *x',
      ['1:4+2 error yaml/alias', '2:4+2 error yaml/alias'],
    ],
    ['a merge key', 'a:\n  <<: {b: 1}', ['2:3+2 error yaml/merge']],
    ['a tag that makes code', 'a: !!js/function "x"', ['1:4+13 error yaml/tag']],
    ['a binary tag', 'a: !!binary aGk=', ['1:4+8 error yaml/tag']],
    ['a tag of the user', 'a: !secret x', ['1:4+7 error yaml/tag']],
    ['a set', 'a: !!set {b}', ['1:4+5 error yaml/tag']],
    ['a tag that does not fit', 'a: !!int x', ['1:4+5 error yaml/tag']],
    [
      'another version of YAML',
      '%YAML 1.1\n---\na: yes',
      ['1:1+9 error yaml/directive', '3:4+3 notice yaml/surprise'],
    ],
    ['a tag directive', '%TAG !! tag:evil,2000:\n---\na: 1', ['1:1+22 error yaml/directive']],
    ['a map as a key', '? {a: 1}\n: 2', ['1:3+1 error yaml/key']],
    ['a tab as indentation', 'a:\n\tb: 1', ['2:1+1 error yaml/syntax']],
    ['an open quote', 'a: "b', ['1:6+1 error yaml/syntax']],
    ['an unknown escape', 'a: "b\\q"', ['1:6+1 error yaml/syntax']],
    ['NUL', 'a: b\0', ['1:5+1 error yaml/control']],
    ['an escape character', 'a: b\nc: \x1b[31m', ['2:4+1 error yaml/control']],
    [
      'each control character',
      '\x01a: b\n\x02',
      ['1:1+1 error yaml/control', '2:1+1 error yaml/control'],
    ],
    ['the characters that the parser uses itself', 'a: \x1fb', ['1:4+1 error yaml/control']],
    ['a carriage return alone', 'a: b\rc: d', ['1:5+1 error yaml/control']],
    ['a lone surrogate', 'a: \ud800', ['1:4+1 error yaml/control']],
    ['a byte order mark inside', 'a: b\n\ufeffc: d', ['2:1+1 error yaml/control']],
    ['an empty file', '', ['1:1+1 warning yaml/empty']],
    ['a file of comments', '# nothing\n', ['1:1+1 warning yaml/empty']],
    ['a file of empty documents', '---\n---\n', ['1:1+1 warning yaml/empty']],
    ['a whole number that loses digits', 'a: 9007199254740993', ['1:4+16 error yaml/number']],
    [
      'a number that JSON does not have',
      'a: .nan\nb: -.inf',
      ['1:4+4 error yaml/number', '2:4+5 error yaml/number'],
    ],
  ])('reports %s', (_what, text, expected) => {
    expect(findings(text)).toEqual(expected)
  })

  it('reports all faults of a file at once, in order', () => {
    expect(findings('a: 1\na: 2\nb: *x\nc: #[x]\nd: !x y\ne: yes')).toEqual([
      '2:1+1 error yaml/duplicate-key',
      '3:4+2 error yaml/alias',
      '4:4+4 error yaml/comment',
      '5:4+2 error yaml/tag',
      '6:4+3 notice yaml/surprise',
    ])
  })

  it.each(['yes', 'No', 'ON', 'off', '010', '-017', '1:30', '12:30:45'])(
    'notices that %s is read differently elsewhere',
    (word) => {
      expect(findings(`a: ${word}`)).toEqual([`1:4+${word.length} notice yaml/surprise`])
      expect(findings(`- [${word}]`)).toEqual([`1:4+${word.length} notice yaml/surprise`])
      expect(findings(`a: "${word}"`)).toEqual([])
    },
  )

  it.each(['oFF', 'yes please', '08', '0', '10', '0x10', 'a:30', '~', 'null', '127.0.0.1:8080'])(
    'has nothing to say about %s',
    (word) => {
      expect(findings(`a: ${word}`)).toEqual([])
    },
  )

  it('does not notice `off` where the format asks for it', () => {
    const { diagnostics } = parseDocuments('p.yaml', 'admin: off\nother: off\nx: {admin: off}', {
      switches: ['admin'],
    })
    expect(diagnostics.map(({ line }) => line)).toEqual([2, 3])
    const below = 'routes:\n- breaker: off\n- other: off\nbreaker: off'
    const { diagnostics: others } = parseDocuments('p.yaml', below, {
      switches: ['routes[].breaker'],
    })
    expect(others.map(({ line }) => line)).toEqual([3, 4])
  })
})

describe('an unquoted "#["', () => {
  it.each([
    ['after a key', 'a: #[x.y]', '1:4+6', 'value is empty'],
    ['after a key on a line of its own', 'a:\n  #[x.y]\nb: 1', '2:3+6', 'value is empty'],
    ['at the end of the file', 'b: 1\na: #[x.y]\n', '2:4+6', 'value is empty'],
    ['in a list', 'a:\n  - #[x]\n  - b', '2:5+4', 'value is empty'],
    ['as the only entry of a list', '- #[x]', '1:3+4', 'value is empty'],
    ['in a map of a list', '- name: n\n  value: #[x]', '2:10+4', 'value is empty'],
    ['after text', 'a: Bearer #[x]', '1:11+4', 'text is cut off'],
    ['after quoted text', 'a: "Bearer" #[x]', '1:13+4', 'text is cut off'],
    ['after the header of a block scalar', 'a: | #[x]\n  b', '1:6+4', 'text is cut off'],
  ])('is an error %s', (_where, text, place, message) => {
    expect(findings(text)).toEqual([`${place} error yaml/comment`])
    expect(parse(text).diagnostics[0]?.message).toBe(
      `${message}: an unquoted "#[" starts a YAML comment`,
    )
  })

  it.each([
    ['in a flow list', 'a: [ #[x], b\n  ]', '1:6+7'],
    ['in a flow list on its own line', 'a: [\n  #[x],\n  b ]', '2:3+5'],
    ['in a flow map', 'a: { b: #[x]\n  }', '1:9+4'],
  ])('is an error %s', (_where, text, place) => {
    expect(findings(text)).toContain(`${place} error yaml/comment`)
  })

  it.each([
    ['alone on a line before a key', '#[x]\na: 1'],
    ['alone on a line before a value', 'a:\n  #[x]\n  b: 1'],
    ['alone on a line of a list', 'a:\n  - b\n  #[x]\n  - c'],
    ['after a space', 'a: 1 # [x]'],
    ['without a space before it', 'a: b#[x]'],
    ['in quotes', 'a: "#[x]"\nb: \'#[x]\''],
    ['in a block scalar', 'a: |\n  #[x]\nb: >\n  y\n  #[x]'],
  ])('is fine %s', (_where, text) => {
    expect(findings(text)).toEqual([])
  })

  it('is taken for the value, so that faults in the expression show in the same run', () => {
    const document = parse('a: #[x.y]  ').documents[0]
    expect(document?.value).toEqual({ a: '#[x.y]' })
    expect(document?.locateOffset(['a'], 2, 3)).toEqual({ line: 1, column: 6, length: 3 })
  })

  it('has a hint', () => {
    const [diagnostic] = parse('value: #[attributes.method]').diagnostics
    expect(diagnostic && formatDiagnostic(diagnostic)).toBe(
      [
        'p.yaml:1:8: error[yaml/comment] value is empty: an unquoted "#[" starts a YAML comment',
        '    1 | value: #[attributes.method]',
        '      |        ^^^^^^^^^^^^^^^^^^^^  quote it: "#[…]"',
      ].join('\n'),
    )
  })
})

describe('hostile files', () => {
  it.each([
    ['open flow lists', '['.repeat(100_000)],
    ['open flow maps', '{a: '.repeat(100_000)],
    ['block lists', '- '.repeat(100_000)],
    ['explicit keys', '? '.repeat(100_000)],
    ['block maps', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('T080 refuses deeply nested %s without a crash', (_what, text) => {
    const { documents, diagnostics } = parse(text)
    expect(documents).toEqual([])
    expect(diagnostics.map(({ rule }) => rule)).toContain('yaml/depth')
  })

  it.each([
    ['flow lists', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
    ['block lists', (depth: number) => `${'- '.repeat(depth)}x`],
  ])('takes %s 64 deep, and not 65', (_what, text) => {
    expect(parse(text(64)).documents).toHaveLength(1)
    expect(findings(text(65))).toEqual([expect.stringContaining('yaml/depth')])
  })

  it('T079 refuses a bomb of aliases before it expands', () => {
    const bomb = ['a0: &a0 [x]']
    for (let i = 1; i < 10; i += 1) {
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    }
    const { documents, diagnostics } = parse(bomb.join('\n'))
    expect(documents).toEqual([])
    expect(new Set(diagnostics.map(({ rule }) => rule))).toEqual(new Set(['yaml/alias']))
    expect(diagnostics).toHaveLength(100)
  })

  it('T080 refuses more than 1 MiB', () => {
    const comment = `# ${'x'.repeat(1024 * 1024)}`
    expect(findings(comment)).toEqual(['1:1+1 error file/too-large'])
  })

  it('may have twenty thousand keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join('\n')
    const { documents, diagnostics } = parse(keys)
    expect(diagnostics).toEqual([])
    expect(Object.keys(documents[0]?.value as object)).toHaveLength(20_000)
  })

  it('keeps pollution names as keys of their own', () => {
    const text =
      '__proto__: {polluted: true}\nconstructor: {prototype: 1}\ntoString: x\n__defineGetter__: y'
    const document = parse(text).documents[0]
    const value = document?.value as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString', '__defineGetter__'])
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(value.polluted).toBeUndefined()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(document?.locate(['__proto__', 'polluted'])).toMatchObject({ line: 1, column: 23 })
    expect(document?.locate(['hasOwnProperty'])).toMatchObject({ line: 1, column: 1 })
  })

  it('T081 fails or reads less, but never crashes, when the file is cut anywhere', () => {
    const whole = 'name: a\njwt: {iat: true, exp: 300}\nlist:\n  - "b\\n"\n  - |\n    c\n'
    for (let end = 0; end < whole.length; end += 1) {
      expect(() => parse(whole.slice(0, end))).not.toThrow()
    }
  })
})

describe('documents', () => {
  it('are read by the core schema of YAML 1.2', () => {
    const text =
      'a: 0x1F\nb: 0o17\nc: 1e3\nd: True\ne: ~\nf:\ng: 2024-01-01\n1: one\ntrue: yes it is'
    expect(parse(text).documents[0]?.value).toEqual({
      a: 31,
      b: 15,
      c: 1000,
      d: true,
      e: null,
      f: null,
      g: '2024-01-01',
      1: 'one',
      true: 'yes it is',
    })
  })

  it('take tags of the core schema', () => {
    expect(parse('a: !!str 1\nb: !!int "2"\nc: !!map {}').documents[0]?.value).toEqual({
      a: '1',
      b: 2,
      c: {},
    })
  })

  it.each([
    ['a byte order mark', '\ufeffa: 1\nb: *x'],
    ['CRLF', 'a: 1\r\nb: *x\r\n'],
  ])('have the right places with %s', (_what, text) => {
    expect(findings(text)).toEqual(['2:4+2 error yaml/alias'])
    expect(parse(text).diagnostics[0]?.excerpt?.text).toBe('b: *x')
  })

  it('are those that are not empty', () => {
    const { documents } = parse('---\na: 1\n---\n---\nb: 2\n...\n---\n# end\n')
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }])
    expect(documents[1]?.locate(['b'])).toEqual({ line: 5, column: 4, length: 1 })
  })

  it.each([
    ['first', 'a: *x\n---\nb: 1\n---\nc: 1'],
    ['second', 'b: 1\n---\na: *x\n---\nc: 1'],
    ['last', 'b: 1\n---\nc: 1\n---\na: *x'],
    ['unfinished last', 'b: 1\n---\nc: 1\n---\na: "'],
  ])('are left out when they are broken: the %s', (_which, text) => {
    const { documents } = parse(text)
    expect(documents.map(({ value }) => value)).toEqual([{ b: 1 }, { c: 1 }])
  })
})

describe('the place of a value', () => {
  const document = parse(
    [
      'name: orders',
      'jwt:',
      '  exp: {after: 300}',
      '  aud:',
      '    - one',
      '    - "two"',
      'empty:',
      'text: |',
      '  line',
    ].join('\n'),
  ).documents[0]

  it.each<[string, (string | number)[], boolean, number, number, number]>([
    ['a scalar', ['name'], false, 1, 7, 6],
    ['a key', ['name'], true, 1, 1, 4],
    ['a flow map', ['jwt', 'exp'], false, 3, 8, 12],
    ['a block map', ['jwt'], false, 3, 3, 1],
    ['its key', ['jwt'], true, 2, 1, 3],
    ['a value in a flow map', ['jwt', 'exp', 'after'], false, 3, 16, 3],
    ['a list entry', ['jwt', 'aud', 0], false, 5, 7, 3],
    ['a quoted list entry', ['jwt', 'aud', 1], false, 6, 7, 5],
    ['an empty value', ['empty'], false, 7, 7, 1],
    ['a block scalar', ['text'], false, 8, 7, 1],
    ['what is missing, at the key above', ['jwt', 'iss'], false, 2, 1, 3],
    ['what is missing in a list', ['jwt', 'aud', 7, 'x'], false, 4, 3, 3],
    ['what is missing at the top', ['nope'], false, 1, 1, 1],
    ['what is below a scalar', ['name', 'x', 'y'], false, 1, 1, 4],
  ])('is right for %s', (_what, path, key, line, column, length) => {
    expect(document?.locate(path, { key })).toEqual({ line, column, length })
  })

  it('is that of the fault when it has an offset', () => {
    const fault = {
      severity: 'error',
      rule: 'expr/syntax',
      message: 'm',
      offset: 2,
      length: 3,
    } as const
    expect(document?.diagnostic(['name'], fault)).toMatchObject({
      line: 1,
      column: 9,
      excerpt: { text: 'name: orders', from: 8, length: 3 },
    })
  })
})

describe('secrets', () => {
  const fault = { severity: 'warning', rule: 'key/inline', message: 'inline key' } as const

  it.each([
    ['an inline key', 'privateKey: CANARY', ['privateKey']],
    ['a key on the same line', '{privateKey: CANARY, exp: x}', ['exp']],
    ['a literal', 'privateKey: |\n  CANARY\n  CANARY', ['privateKey']],
    ['a member of a JWK', 'privateKey:\n  jwk: {kty: oct, k: CANARY}', ['privateKey', 'jwk', 'k']],
    ['an entry of a list', 'secrets:\n  - CANARY', ['secrets', 0]],
  ])('are not shown: %s', (_what, text, path) => {
    const shown = parse(text).documents[0]?.diagnostic(path, fault)
    expect(shown).toMatchObject({ rule: 'key/inline' })
    expect(JSON.stringify(shown)).not.toContain('CANARY')
  })

  it('are not what stands around: a reference is shown', () => {
    const document = parse('privateKey: { file: keys/a.pem }').documents[0]
    expect(document?.diagnostic(['privateKey', 'file'], fault).excerpt?.from).toBe(20)
  })

  it.each([
    ['an inline key', 'privateKey: CANARY: "'],
    ['a bad escape', 'secret: "CANARY\\q"'],
    ['a PEM', 'a: "\n-----BEGIN PRIVATE KEY-----CANARY'],
    ['a tag', 'privateKey: !CANARY x'],
    ['a stray word', 'privateKey: |\n  x\nCANARY'],
  ])('are not shown in a file that does not parse: %s', (_what, text) => {
    const { diagnostics } = parse(text)
    expect(diagnostics.length).toBeGreaterThan(0)
    if (!text.endsWith('\nCANARY')) expect(JSON.stringify(diagnostics)).not.toContain('CANARY')
    expect(diagnostics.map(({ message }) => message).join()).not.toContain('CANARY')
  })
})
