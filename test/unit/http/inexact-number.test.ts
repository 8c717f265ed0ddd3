import { expect, it } from 'vitest'
import { InexactNumber } from '../../../src/http/inexact-number.ts'

it('is the text of the number', () => {
  const id = new InexactNumber('12345678901234567890')
  expect(id.text).toBe('12345678901234567890')
  expect(`${id}`).toBe('12345678901234567890')
})
