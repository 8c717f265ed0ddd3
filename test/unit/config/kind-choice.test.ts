import { expect, it } from 'vitest'
import { z } from 'zod'
import { createKindChoice } from '../../../src/config/kind-choice.ts'

const { keys, shape, count } = createKindChoice({
  text: { schema: z.string() },
  number: { schema: z.number() },
})

it('gives each kind a key with its own schema, that may be left out', () => {
  expect(keys).toEqual(['text', 'number'])
  const schema = z.strictObject(shape)
  expect(schema.safeParse({ text: 'a' }).success).toBe(true)
  expect(schema.safeParse({ number: 'a' }).success).toBe(false)
  expect(schema.safeParse({}).success).toBe(true)
})

it.each([
  [{}, 0],
  [{ text: 'a', other: 1 }, 1],
  [{ text: 'a', number: null }, 2],
])('counts the kinds that are written: %j', (document, written) => {
  expect(count(document)).toBe(written)
})
