import { describe, expect, it } from 'vitest'
import { chain, type Eventual, inOrder } from '../../../src/claims/eventual.ts'
import type { RequestContext } from '../../../src/types.ts'
import { requestContext } from '../../support/request-context.ts'

describe('a value that may be a promise', () => {
  it('goes on at once when it is there', () => {
    expect(chain(1, (value) => value + 1)).toBe(2)
  })

  it('goes on when it comes', async () => {
    expect(await chain(Promise.resolve(1), (value) => value + 1)).toBe(2)
  })
})

describe('items in order', () => {
  const context = requestContext()
  const items = (count: number, evaluate: (item: number) => Eventual<number>) =>
    Array.from({ length: count }, (_, index) => ({ evaluate: () => evaluate(index + 1) }))

  it('are there at once when none is awaited', () => {
    const numbers = items(2, (item) => item * 10)
    expect(inOrder(numbers, context)).toEqual([10, 20])
  })

  it('are evaluated for the request', () => {
    const evaluate = (given: RequestContext) => given.attributes.method
    expect(inOrder([{ evaluate }], context)).toEqual(['GET'])
  })

  it('keep their order among awaited ones', async () => {
    const numbers = items(5, (item) => (item % 2 === 0 ? Promise.resolve(item) : item))
    expect(await inOrder(numbers, context)).toEqual([1, 2, 3, 4, 5])
  })

  it('are not evaluated after one that fails', async () => {
    const evaluated: number[] = []
    const numbers = items(3, async (item) => {
      evaluated.push(item)
      if (item === 2) throw new Error('second')
      return item
    })
    await expect(inOrder(numbers, context)).rejects.toThrow('second')
    expect(evaluated).toEqual([1, 2])
  })
})
