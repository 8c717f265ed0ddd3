import { expect, it } from 'vitest'
import { createPasswordQueue } from '../../../src/authenticate/password-queue.ts'

/** A comparison that ends when it is told to. */
function comparison() {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  let hasBegun = false
  return {
    resolve,
    reject,
    hasBegun: () => hasBegun,
    compare() {
      hasBegun = true
      return promise
    },
  }
}

it('compares so many passwords at once, and the others in the order they came', async () => {
  const queue = createPasswordQueue(1, 2)
  const [first, second, third] = [comparison(), comparison(), comparison()]
  const ends = [first, second, third].map(({ compare }) => queue.take(compare))
  expect([first, second, third].map(({ hasBegun }) => hasBegun())).toEqual([true, false, false])
  first.resolve(true)
  expect(await ends[0]).toBe(true)
  await expect.poll(second.hasBegun).toBe(true)
  expect(third.hasBegun()).toBe(false)
  second.resolve(false)
  third.resolve(true)
  expect(await Promise.all(ends)).toEqual([true, false, true])
})

it('is 503 overload when too many wait, until one is done', async () => {
  const queue = createPasswordQueue(1, 1)
  const [first, second, third] = [comparison(), comparison(), comparison()]
  const ends = [queue.take(first.compare), queue.take(second.compare)]
  await expect(queue.take(third.compare)).rejects.toMatchObject({ code: 'overload' })
  expect(third.hasBegun()).toBe(false)
  for (const { resolve } of [first, second, third]) resolve(true)
  await Promise.all(ends)
  expect(await queue.take(third.compare)).toBe(true)
})

it('hands the turn on when a comparison fails', async () => {
  const queue = createPasswordQueue(1, 1)
  const [first, second] = [comparison(), comparison()]
  const ends = [queue.take(first.compare), queue.take(second.compare)]
  first.reject(new Error('expected a hash'))
  second.resolve(true)
  await expect(ends[0]).rejects.toThrow('expected a hash')
  expect(await ends[1]).toBe(true)
})
