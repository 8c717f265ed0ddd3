import { describe, expect, it } from 'vitest'
import { fold, remembering } from '../../src/header-name.ts'

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

describe('remembering', () => {
  /** What was really asked, and the same answers by way of the memory. */
  function asked() {
    const texts: string[] = []
    const tell = remembering((text) => {
      texts.push(text)
      return text.length
    })
    return { texts, tell }
  }
  const many = Array.from({ length: 512 }, (_, index) => `name-${index}`)

  it('asks once for a text that comes again', () => {
    const { texts, tell } = asked()
    expect([tell('host'), tell('x-user'), tell('host')]).toEqual([4, 6, 4])
    expect(texts).toEqual(['host', 'x-user'])
  })

  it('asks each time for a text that is too long to keep', () => {
    const { texts, tell } = asked()
    const [longest, tooLong] = ['x'.repeat(64), 'x'.repeat(65)]
    for (const text of [longest, tooLong, longest, tooLong]) expect(tell(text)).toBe(text.length)
    expect(texts).toEqual([longest, tooLong, tooLong])
  })

  it('keeps 512 texts, whatever comes once besides, and begins anew after 4096 others', () => {
    const { texts, tell } = asked()
    const others = Array.from({ length: 4095 }, (_, index) => `other-${index}`)
    for (const name of [...many, ...many, ...others, ...many]) tell(name)
    expect(texts).toEqual([...many, ...others])
    for (const name of ['one-more', 'name-0', 'name-0', 'one-more']) tell(name)
    expect(texts.slice(512 + 4095)).toEqual(['one-more', 'name-0'])
  })
})
