import { describe, expect, it } from 'vitest'
import { InexactNumber } from '../../../src/http/inexact-number.ts'
import { editJson } from '../../../src/http/json-splice.ts'
import { parseMediaType } from '../../../src/http/media-type.ts'
import { parseParameters } from '../../../src/http/parameters.ts'
import { parsePayload } from '../../../src/http/payload.ts'
import { errorCode } from '../../support/error-code.ts'

// with an algorithm that is not linear, each of these takes minutes

describe('T049 a JSON body made to take long', () => {
  it.each([
    ['a million opening arrays', '['.repeat(1_000_000), 'body/malformed'],
    ['half a million elements', `[${'1,'.repeat(500_000)}1]`, 'none'],
    [
      'a hundred thousand members',
      `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":${i}`).join()}}`,
      'none',
    ],
    ['a million bytes in one name', `{"${'x'.repeat(1_000_000)}":1}`, 'none'],
    ['a million backslashes', `"${'\\\\'.repeat(500_000)}"`, 'none'],
  ])('with %s is edited at once', async (_what, text, code) => {
    const body = Buffer.from(text)
    expect(await errorCode(() => editJson(body, { remove: [['token']], set: [] }))).toBe(code)
  })

  it.each([
    ['zeros before the last digit', `[0.1${'0'.repeat(1_000_000)}1]`],
    ['a long exponent', `[1e-${'9'.repeat(1_000_000)}]`],
    ['a long whole number', `[1${'0'.repeat(1_000_000)}]`],
  ])('with %s is read at once', (_what, text) => {
    const payload = parsePayload(Buffer.from(text), 'application/json')
    expect(payload).toEqual([new InexactNumber(text.slice(1, -1))])
  })
})

describe('T049 a Content-Type made to take long', () => {
  it.each([
    ['semicolons and tabs', `a/b${';'.repeat(500_000)}${'\t'.repeat(500_000)}x`],
    ['escapes that do not end', `a/b;x="${'\\"'.repeat(500_000)}`],
  ])('by %s is refused at once', async (_what, value) => {
    expect(await errorCode(() => parseMediaType(value))).toBe('body/media-type')
  })
})

describe('T049 a form made to take long', () => {
  it('by a million names is read at once', () => {
    const names = Array.from({ length: 1_000_000 }, (_, i) => `${i}=x`).join('&')
    expect(parseParameters(names)['999999']).toBe('x')
  })

  it('by a million values of one name is read at once', () => {
    expect(parseParameters('a=x&'.repeat(1_000_000)).a).toHaveLength(1_000_000)
  })
})
