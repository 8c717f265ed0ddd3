import { expect, it } from 'vitest'
import { rawFields } from '../../../../src/forward/undici/raw-fields.ts'

it('gives the fields of HTTP/1.1 octet by octet', () => {
  const raw = ['X-A', 'caf\xe9', 'x-a', ''].map((text) => Buffer.from(text, 'latin1'))
  expect(rawFields(raw)).toEqual(['X-A', 'caf\xe9', 'x-a', ''])
})

it('gives the fields of HTTP/2, several of one name as lines', () => {
  const raw = { 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'], gone: undefined }
  expect(rawFields(raw)).toEqual(['x-a', 'b', 'set-cookie', 'a=1', 'set-cookie', 'b=2'])
})

it.each([null, undefined])('gives no fields of %s', (raw) => {
  expect(rawFields(raw)).toEqual([])
})
