import { describe, expect, it } from 'vitest'
import { toFailure } from '../../../src/expression/failure.ts'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { request } from './request.ts'

const payload = {
  list: [1, 2],
  object: { a: 1 },
  lone: '\ud800',
  infinite: Number.POSITIVE_INFINITY,
  when: new Date(0),
}

async function failure(text: string): Promise<unknown> {
  try {
    return await parseTemplate(text, fixedEnvironment()).evaluate(request({ payload }))
  } catch (error) {
    const { code, message, place } = error as {
      readonly code: string
      readonly message: string
      readonly place: unknown
    }
    return [code, message, place]
  }
}

const INSIDE = 'expected a string, number or boolean inside text'

describe('the failure of an evaluation says what was expected, and where', () => {
  it.each<[string, string, string, number]>([
    ['#[$canonicalJson(payload.lone)]', 'expr/failed', 'expected well-formed text', 16],
    ['#[$canonicalJson(payload.infinite)]', 'expr/failed', 'expected finite numbers', 16],
    ['#[$canonicalJson($sum)]', 'expr/failed', 'expected plain data', 16],
    [
      '#[$canonicalQuery(5)]',
      'expr/failed',
      'expected a query string or an object of parameters',
      17,
    ],
    [
      '#[$canonicalQuery(null)]',
      'expr/failed',
      'expected a query string or an object of parameters',
      17,
    ],
    [
      '#[$canonicalQuery("%zz")]',
      'expr/failed',
      'expected a query with valid percent-encoding',
      17,
    ],
    [
      '#[$canonicalQuery({"a": payload.object})]',
      'expr/failed',
      'expected strings, numbers and booleans as query values',
      17,
    ],
    ['#[$canonicalQuery({"a": payload.lone})]', 'expr/failed', 'expected well-formed text', 17],
    ['#[$nonce(257)]', 'expr/failed', 'expected 1 to 256 bytes of nonce', 8],
    ['#[$sha256("a", vars.region)]', 'expr/failed', 'expected one of hex, base64, base64url', 9],
    ['#[$hmac(vars.region, "k", "t")]', 'expr/failed', 'expected one of sha256, sha384, sha512', 7],
    ['#[$error("x")]', 'expr/failed', 'expected the expression to succeed (D3137)', 8],
    ['a-#[$number("x")]', 'expr/failed', 'expected the expression to succeed (D3030)', 11],
    [
      '#[$pad("", 100000)]',
      'expr/limit',
      'expected an expression within 65536 characters in a string',
      6,
    ],
    ['#[[1..100000]]', 'expr/limit', 'expected an expression within its limits (D2015)', 5],
    [
      '#[($f := function($x) { 1 + $f($x) }; $f(1))]',
      'expr/limit',
      'expected an expression within its limits (D1011)',
      30,
    ],
    [
      '#[$fromMillis(0, $pad("", 257, "x"))]',
      'expr/limit',
      'expected an expression within 256 characters in a picture',
      13,
    ],
    ['#[payload.when]', 'claim/type', 'expected plain data as the result of an expression', 2],
    [
      '#[payload.infinite]',
      'claim/type',
      'expected a finite number as the result of an expression',
      2,
    ],
    ['#[$string(payload)]', 'claim/type', 'expected plain data to make text of', 9],
    ['aaa #[payload.object]', 'expr/failed', INSIDE, 6],
    ['aaa #[payload.object] #[$string(1)]', 'expr/failed', INSIDE, 6],
  ])('%s', async (text, code, message, position) => {
    expect(await failure(text)).toEqual([code, message, { position }])
  })

  it.each<[unknown, string, string, number]>([
    [new RangeError('of some engine'), 'expr/limit', 'within its limits (RangeError)', 7],
    [{ code: 'D1012', position: 3 }, 'expr/limit', 'within its limits (D1012)', 9],
    [{ code: 'D2014', position: 0 }, 'expr/limit', 'within its limits (D2014)', 7],
    [{ code: 'T2001', position: 1 }, 'expr/failed', 'to succeed (T2001)', 7],
    [{ code: 'x T2001' }, 'expr/failed', 'to succeed (fault)', 7],
    [{ code: 'T20011' }, 'expr/failed', 'to succeed (fault)', 7],
    [{ code: 2001 }, 'expr/failed', 'to succeed (fault)', 7],
    [new Error('says a value'), 'expr/failed', 'to succeed (fault)', 7],
  ])('and nothing of what %j says', (error, code, message, position) => {
    const made = toFailure(error, 7)
    expect(made).toMatchObject({ code, place: { position } })
    expect(made.message).toMatch(/^expected (an|the) expression (within|to)/)
    expect(made.message.endsWith(message)).toBe(true)
  })
})
