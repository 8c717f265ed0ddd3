import { describe, expect, it } from 'vitest'
import { checkCharset, isForm, isJson, parseMediaType } from '../../../src/http/media-type.ts'
import { errorCode } from '../../support/error-code.ts'

const parse = (text: string) =>
  parseMediaType(text) as NonNullable<ReturnType<typeof parseMediaType>>

describe('parseMediaType', () => {
  it.each([
    ['APPLICATION/JSON', 'application/json', []],
    [' application/json ', 'application/json', []],
    ['application/json;charset=utf-8', 'application/json', [['charset', 'utf-8']]],
    [
      'a/b ; X="q;\\"r" ;y=1;',
      'a/b',
      [
        ['x', 'q;"r'],
        ['y', '1'],
      ],
    ],
  ])('reads %j', (text, essence, parameters) => {
    const type = parse(text)
    expect([type.essence, [...type.parameters]]).toEqual([essence, parameters])
  })

  it('gives nothing when there is no Content-Type', () => {
    expect(parseMediaType(undefined)).toBeUndefined()
    expect(parseMediaType([])).toBeUndefined()
  })

  it.each([
    [['application/json', 'application/json']],
    ['application/json, text/plain'],
    ['application/json,'],
    [''],
    ['json'],
    ['/'],
    ['application/json; charset'],
    ['application/json; charset=utf-8; charset=utf-7'],
    ['application/json; charset="utf-8'],
    ['application/json charset=utf-8'],
    ['application/json; charset = utf-8'],
  ])('refuses %j', async (lines) => {
    expect(await errorCode(() => parseMediaType(lines))).toBe('body/media-type')
  })
})

it.each([
  ['application/json', true],
  ['text/json', true],
  ['application/vnd.x+json', true],
  ['application/json5', false],
  ['application/x-ndjson', false],
  ['text/plain', false],
])('knows whether %s is JSON', (text, expected) => {
  expect(isJson(parse(text))).toBe(expected)
})

it.each([
  ['application/x-www-form-urlencoded; charset=utf-8', true],
  ['multipart/form-data; boundary=x', false],
])('knows whether %s is a form', (text, expected) => {
  expect(isForm(parse(text))).toBe(expected)
})

it.each([
  ['a/b', 'none'],
  ['a/b; charset=UTF-8', 'none'],
  ['a/b; charset="utf8"', 'none'],
  ['a/b; charset=utf-7', 'body/media-type'],
  ['a/b; charset=ISO-8859-1', 'body/media-type'],
  ['a/b; charset=utf-16le', 'body/media-type'],
  ['a/b; charset=""', 'body/media-type'],
])('answers %s with %s', async (text, code) => {
  expect(await errorCode(() => checkCharset(parse(text)))).toBe(code)
})
