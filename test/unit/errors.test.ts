import { describe, expect, it } from 'vitest'
import { asCountersignError, CountersignError, withPlace } from '../../src/errors.ts'

describe('withPlace', () => {
  const cause = new Error('inner')
  const error = new CountersignError(
    'claim/missing',
    'expected a value',
    { claim: 'sub' },
    { cause },
  )

  it('adds what an outer layer knows, and keeps what an inner one said', () => {
    const placed = withPlace(error, { policy: 'orders', claim: 'when' })
    expect(placed).toMatchObject({ code: 'claim/missing', message: 'expected a value' })
    expect(placed.place).toEqual({ policy: 'orders', claim: 'sub' })
  })

  it('hands on the first cause, however many layers add to the place', () => {
    const placed = withPlace(withPlace(error, { policy: 'orders' }), { at: 'orders.yaml:3:4' })
    expect(placed.cause).toBe(cause)
  })

  it('gives the very error when there is nothing to add', () => {
    expect(withPlace(error, {})).toBe(error)
    expect(withPlace(error, { claim: 'when' })).toBe(error)
  })
})

describe('asCountersignError', () => {
  it.each([[new TypeError('inner')], ['text'], [undefined]])(
    'makes of %s a fault of ours',
    (thrown) => {
      expect(asCountersignError(thrown)).toMatchObject({ code: 'internal', cause: thrown })
      expect(asCountersignError(thrown).message).toMatch(/^expected /)
    },
  )
})
