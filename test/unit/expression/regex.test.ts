import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/expression/limits.ts'
import { createMeter } from '../../../src/expression/meter.ts'
import { compileRegex, regexEngine } from '../../../src/expression/regex.ts'

/** All matches as JSONata walks through them: from `lastIndex` on, until there is none or it is empty. */
function walk(matcher: Pick<RegExp, 'exec' | 'lastIndex'>, text: string) {
  const found: unknown[] = []
  matcher.lastIndex = 0
  for (let match = matcher.exec(text); match !== null; match = matcher.exec(text)) {
    found.push([...match, match.index, matcher.lastIndex])
    if (match[0] === '') break
  }
  return [...found, matcher.lastIndex]
}

function ours(literal: RegExp) {
  const Engine = regexEngine(createMeter({ ...LIMITS, steps: 1e9 }))
  return new Engine(literal) as Pick<RegExp, 'exec' | 'lastIndex'>
}

describe('the RE2 engine', () => {
  it.each([
    [/a/g, 'banana'],
    [/(a)(x)?/g, 'banana'],
    [/^a/g, 'aaa'],
    [/^a/gm, 'a\na\nb'],
    [/a$/g, 'a\na'],
    [/A+/gi, 'aAbaA'],
    [/[^/]+/g, '/orders/7/items'],
    [/\/orders\/(\d+)/g, '/orders/7 /orders/12'],
    [/(?<year>\d{4})-(?<month>\d\d)/g, '2026-01 2027-12'],
    [/(?:a|ab)(?:c|bcd)(d*)/g, 'abcd abcd'],
    [/\bfoo\b/g, 'foo food foo'],
    [/[\w.+-]+@[\w.]+/g, 'ann@example.com, bob+x@example.org'],
    [/a*?b/g, 'aaabab'],
    [/x*/g, 'aaa'],
    [/\u00e9|\x41|\t/g, 'é A\t'],
    [/[\s,]+/g, 'a, b\tc'],
    [/\\k<q>/g, '\\k<q>'],
    [/./g, 'aé€'],
    [/\$\((.*?)\)/g, '$(a) $(b)'],
  ])('finds what RegExp finds: %s', (literal, text) => {
    expect(walk(ours(literal), text)).toEqual(walk(new RegExp(literal), text))
  })

  it.each([
    ['\\s', '\u00a0', []],
    ['.', '\r\u2028', ['\r', '\u2028']],
    ['.', '😀', ['😀']],
    ['\\p{L}', 'é', ['é']],
    ['\\Aa\\z', 'a', ['a']],
  ])('has the meaning of RE2 where the two differ: %s', (source, text, expected) => {
    const literal = new RegExp(source, 'g')
    const matches = walk(ours(literal), text).slice(0, -1) as string[][]
    expect(matches.map(([match]) => match)).toEqual(expected)
    expect(walk(new RegExp(literal), text)).not.toEqual(walk(ours(literal), text))
  })

  it('finds what RegExp finds, for generated patterns and texts', () => {
    const atom = fc.constantFrom('a', 'b', '[ab]', '.', '(a)', '(?:ab)', '(b|a)', '\\w', '[^a]')
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '+', '?', '{1,2}'))
      .map((parts) => parts.join(''))
    const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 })
    const property = fc.property(pattern, text, (source, subject) => {
      const literal = new RegExp(source, 'g')
      expect(walk(ours(literal), subject)).toEqual(walk(literal, subject))
    })
    fc.assert(property, { numRuns: 1000 })
  })

  it.each([
    [/(a)\1/],
    [/a(?=b)/],
    [/a(?!b)/],
    [/(?<=a)b/],
    [/(?<!a)b/],
    [/(?<q>a)\k<q>/],
    [/(a{1,900}){1,2}/],
  ])('does not compile %s', (literal) => {
    expect(() => compileRegex(literal)).toThrow()
  })
})
