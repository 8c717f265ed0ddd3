// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax under test
import { describe, expect, it } from 'vitest'
import { parseDocuments } from '../../../../src/config/yaml/document.ts'
import { substitute } from '../../../../src/config/yaml/substitute.ts'

const variables: Record<string, string> = {
  NAME: 'value',
  EMPTY: '',
  NESTED: '${NAME} $$',
  BRACKET: '#[1]',
  LONG: 'a much longer value',
}
const variable = (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined)

describe('substitution in a scalar', () => {
  it.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${NAME}', 'a value b value'],
    ['${EMPTY}', ''],
    ['${UNSET:-default}', 'default'],
    ['${UNSET:-}', ''],
    ['${EMPTY:-default}', 'default'],
    ['${NAME:-default}', 'value'],
    ['${NAME:?must be set}', 'value'],
    ['$$', '$'],
    ['$${NAME}', '${NAME}'],
    ['$$$${NAME}', '$${NAME}'],
    ['$NAME $ 5$', '$NAME $ 5$'],
    ['${NESTED}', '${NAME} $$'],
    ['#[$$.a & "${NAME}"]', '#[$$.a & "${NAME}"]'],
    ['${NAME} #[a[$$.b]] ${NAME}', 'value #[a[$$.b]] value'],
    ['#["]" & $$] ${NAME}', '#["]" & $$] value'],
    ["#['it\\'s ]' & $$] $$", "#['it\\'s ]' & $$] $"],
    ['#[`a]b` & $$] $$', '#[`a]b` & $$] $'],
    ['#[/* ] */ $$] $$', '#[/* ] */ $$] $'],
    ['#[$$ ${NAME}', '#[$$ ${NAME}'],
  ])('makes %s to %s', (text, expected) => {
    expect(substitute(text, variable)).toMatchObject({ text: expected, faults: [] })
  })

  it.each([
    [
      'a ${UNSET}',
      'env/unset',
      2,
      8,
      'expected a value in environment variable "UNSET", which is not set',
    ],
    [
      '${EMPTY:?say who}',
      'env/unset',
      0,
      17,
      'expected a value in environment variable "EMPTY", which is empty: say who',
    ],
    [
      '${UNSET:?}',
      'env/unset',
      0,
      10,
      'expected a value in environment variable "UNSET", which is not set',
    ],
    ['${}', 'env/syntax', 0, 2, 'expected ${NAME}, ${NAME:-default} or ${NAME:?message}'],
    ['a ${1x}', 'env/syntax', 2, 2, 'expected ${NAME}, ${NAME:-default} or ${NAME:?message}'],
    ['${NAME', 'env/syntax', 0, 2, 'expected ${NAME}, ${NAME:-default} or ${NAME:?message}'],
    [
      '${__proto__}',
      'env/unset',
      0,
      12,
      'expected a value in environment variable "__proto__", which is not set',
    ],
  ])('refuses %s', (text, rule, offset, length, message) => {
    const result = substitute(text, variable)
    expect(result.text).toBe(text)
    expect(result.faults).toMatchObject([{ severity: 'error', rule, offset, length, message }])
  })

  it('reports every unset variable of a scalar', () => {
    expect(substitute('${A} ${B}', variable).faults).toHaveLength(2)
  })

  it('keeps a number or word that a variable holds as text', () => {
    const { documents } = parseDocuments('p.yaml', 'v: ${N}\nw: "${B}"', {
      variable: (name) => (name === 'N' ? '5' : 'true'),
    })
    expect(documents[0]?.value).toEqual({ v: '5', w: 'true' })
  })

  it('touches neither keys nor the text of the YAML', () => {
    const { documents } = parseDocuments('p.yaml', '"${NAME}": "${YAML}"', {
      variable: () => '"\n  injected: [',
    })
    expect(documents[0]?.value).toEqual({ '${NAME}': '"\n  injected: [' })
  })

  it('leaves everything as it is without variables', () => {
    expect(parseDocuments('p.yaml', 'v: ${NAME} $$').documents[0]?.value).toEqual({
      v: '${NAME} $$',
    })
  })

  it.each([
    ['plain', 'v: a ${NOPE} b', 1, 6, 7],
    ['double-quoted', 'v: "\\u0041 ${NOPE}"', 1, 12, 7],
    ['folded', 'v: >-\n  a\n  b ${NOPE:?x}', 3, 5, 10],
  ])('locates an unset variable in a %s scalar', (_style, text, line, column, length) => {
    const { diagnostics } = parseDocuments('p.yaml', text, { variable })
    expect(diagnostics).toMatchObject([{ rule: 'env/unset', line, column, excerpt: { length } }])
  })

  it('maps places behind a variable back to where they were written', () => {
    const text = 'v: "${LONG} #[bad] ${EMPTY}$$ end"'
    const document = parseDocuments('p.yaml', text, { variable }).documents[0]
    const value = String((document?.value as { v: string } | undefined)?.v)
    expect(value).toBe('a much longer value #[bad] $ end')
    const place = (part: string) => document?.locateOffset(['v'], value.indexOf(part), part.length)
    expect(place('bad')).toEqual({ line: 1, column: text.indexOf('bad') + 1, length: 3 })
    expect(place('end')).toEqual({ line: 1, column: text.indexOf('end') + 1, length: 3 })
    expect(place('longer')).toMatchObject({ line: 1, column: text.indexOf('${LONG}') + 1 })
  })

  it('knows which text came from a variable, so that it is not quoted', () => {
    const document = parseDocuments('p.yaml', 'a: ${NAME}\nb: x\nc: $$\nprivateKey: k', {
      variable,
    }).documents[0]
    expect(['a', 'b', 'c', 'privateKey'].map((key) => document?.quotable([key]))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })
})
