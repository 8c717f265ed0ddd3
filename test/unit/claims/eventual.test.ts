import { describe, expect, it } from 'vitest'
import { chain, inOrder } from '../../../src/claims/eventual.ts'

describe('a value that may be a promise', () => {
  it('goes on at once when it is there', () => {
    expect(chain(1, (value) => value + 1)).toBe(2)
  })

  it('goes on when it comes', async () => {
    expect(await chain(Promise.resolve(1), (value) => value + 1)).toBe(2)
  })
})

describe('items in order', () => {
  const later = async (value: number) => value * 10

  it('are there at once when none is awaited', () => {
    expect(inOrder([1, 2], (value) => value * 10)).toEqual([10, 20])
  })

  it('keep their order among awaited ones', async () => {
    const visit = (value: number) => (value % 2 === 0 ? later(value) : value * 10)
    expect(await inOrder([1, 2, 3, 4, 5], visit)).toEqual([10, 20, 30, 40, 50])
  })

  it('are not visited after one that fails', async () => {
    const visited: number[] = []
    const visit = async (value: number) => {
      visited.push(value)
      if (value === 2) throw new Error('second')
      return value
    }
    await expect(inOrder([1, 2, 3], visit)).rejects.toThrow('second')
    expect(visited).toEqual([1, 2])
  })
})
