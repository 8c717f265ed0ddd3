import { expect, it } from 'vitest'
import { type AnswerRules, answerFields } from '../../../src/forward/answer-fields.ts'
import { Secret } from '../../../src/secret.ts'

const token = new Secret('eyJh.eyJz.c2ln')

function answered(fields: string[], rules: Partial<AnswerRules>): string[] {
  return answerFields(fields, { credentials: [token], inQuery: false, exposed: [], ...rules })
}

it.each(['text/html', ' \ttext/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml'])(
  'T045 keeps a page of %s from handing on the URL that it was asked for with',
  (type) => {
    const fields = ['Content-Type', type, 'Referrer-Policy', 'unsafe-url', 'X-A', '1']
    expect(answered(fields, { inQuery: true })).toEqual([
      ...['Content-Type', type, 'X-A', '1'],
      ...['referrer-policy', 'no-referrer'],
    ])
  },
)

it.each([
  ['application/json', true],
  ['x, text/html', true],
  ['text/html', false],
])(
  'leaves the Referrer-Policy of %s alone when a credential in the query is %s',
  (type, inQuery) => {
    const fields = ['Content-Type', type, 'X-Type', 'text/html', 'Referrer-Policy', 'origin']
    expect(answered(fields, { inQuery })).toEqual(fields)
  },
)

it('T065 tells an exposed credential in its own field only', () => {
  const exposed = [{ header: 'x-token', value: token }]
  const fields = ['X-Echo', token.reveal(), 'X-Token', token.reveal(), 'X-A', '1']
  expect(answered(fields, { exposed })).toEqual([
    ...['X-A', '1'],
    ...['cache-control', 'no-store', 'x-token', token.reveal()],
  ])
})
