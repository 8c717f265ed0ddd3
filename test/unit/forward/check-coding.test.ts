import { expect, it } from 'vitest'
import { checkCoding } from '../../../src/forward/check-coding.ts'

const LINE = 'Transfer-Encoding'

it.each([
  ['no coding', []],
  ['chunked', [LINE, 'chunked']],
  ['chunked in other letters', ['TRANSFER-ENCODING', ' Chunked ']],
  ['a coding of the content', ['Content-Encoding', 'gzip']],
])('lets an answer pass with %s', (_case, fields) => {
  expect(() => checkCoding(['X-A', '1', ...fields])).not.toThrow()
})

it.each([
  ['another', [LINE, 'gzip']],
  ['another besides', [LINE, 'gzip, chunked']],
  ['another in a line besides', [LINE, 'chunked', LINE.toLowerCase(), 'gzip']],
  ['chunked twice', [LINE, 'chunked', LINE, 'chunked']],
  ['an empty line', [LINE, '']],
])('T024 refuses an answer in a coding that stays: %s', (_case, fields) => {
  expect(() => checkCoding(fields)).toThrow(
    expect.objectContaining({
      code: 'upstream/protocol',
      message: 'expected no transfer coding but chunked',
    }),
  )
})
