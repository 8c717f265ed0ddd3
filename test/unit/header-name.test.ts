import { describe, expect, it } from 'vitest'
import { fold } from '../../src/header-name.ts'

describe('fold', () => {
  it.each([
    'x-user',
    'X_User',
    'x.user',
    'X-User_',
    'X~User',
    'X|User',
    'X!User',
    'X--User',
    '_x-user',
  ])('makes %s an alias of X-User', (name) => {
    expect(fold(name)).toBe(fold('X-User'))
  })

  it.each(['X-Username', 'X-User-Id', 'XUser', 'My-X-User', 'X-Use', 'X-User1'])(
    'keeps %s apart from X-User',
    (name) => {
      expect(fold(name)).not.toBe(fold('X-User'))
    },
  )
})
