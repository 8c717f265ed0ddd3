import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import {
  CATASTROPHIC_PATTERNS,
  numbers,
  RUN_AWAYS,
  rows,
} from '../../support/run-away-expressions.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

/** What an evaluation ends with: a code, or `none`. */
const outcome = (source: string, payload: unknown) =>
  errorCode(() => parse(`#[${source}]`).evaluate(request({ payload })))

describe('T077 a run-away expression', () => {
  it.each(RUN_AWAYS)('is stopped: %s', async (_, source, payload) => {
    expect(await outcome(source, payload)).toBe('expr/limit')
  })

  it.each(CATASTROPHIC_PATTERNS)('has no catastrophic pattern: %s', async (_, source, payload) => {
    expect(await outcome(source, payload)).toBe('none')
  })

  it.each([
    ['500 rows', '$map(payload, function($row) { $row.name & "/" & $row.id })', rows(500)],
    ['a filter of 300 rows', 'payload[$contains(name, /7$/)].id', rows(300)],
    ['a sort of 200 rows', 'payload^(id).id', rows(200)],
    ['groups of 500 rows', 'payload{name: id}', rows(500)],
    ['a sum of 5,000 numbers', '$sum(payload)', numbers(5000)],
    ['text of 200 rows', '$length($string(payload))', rows(200)],
    ['40 cookies', '$split(payload, /; */)', Array(40).fill('name=some value').join('; ')],
  ])('is told from honest work: %s', async (_, source, payload) => {
    expect(await outcome(source, payload)).toBe('none')
  })

  it('keeps the place of the limit, and nothing of the request', async () => {
    const template = parse('user #[vars.region & $pad(payload, 100000)]')
    const error = await Promise.resolve(template.evaluate(request({ payload: 'sesame' }))).then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'expr/limit', place: { position: expect.any(Number) } })
    expect(JSON.stringify([error?.message, error, error?.stack])).not.toContain('sesame')
    expect(error?.cause).toBeUndefined()
  })

  it.each([
    ['$error(payload)', 'D3137'],
    ['$assert(false, payload)', 'D3141'],
    ['$number(payload)', 'D3030'],
    ['payload + 1', 'T2001'],
    ['$sum(payload)', 'T0412'],
    ['(payload)()', 'T1006'],
  ])('fails with the code of JSONata and without its values: %s', async (source, code) => {
    const template = parse(`#[${source}]`)
    const error = await Promise.resolve(template.evaluate(request({ payload: 'sesame' }))).then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'expr/failed' })
    expect(error?.message).toBe(`expected the expression to succeed (${code})`)
    expect(error?.cause).toBeUndefined()
  })
})
