import { describe, expect, it } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { faultOf } from '../../../src/workers/fault.ts'
import { createSharedTokens } from '../../../src/workers/shared-tokens.ts'

const KEY = { generation: 1, digest: 'a', until: 1000 }
const NOW = 500_000

function start(now = () => NOW) {
  const tokens = createSharedTokens<string>(now)
  return {
    ...tokens,
    one: tokens.methods('one'),
    two: tokens.methods('two'),
    three: tokens.methods('three'),
  }
}

describe('a token that is shared', () => {
  it('is made by who asks first, and given to who asks meanwhile and later', async () => {
    const { one, two, three } = start()
    expect(await one.token(KEY)).toEqual({})
    const waiting = two.token(KEY)
    one.made({ key: KEY, token: 't' })
    expect(await waiting).toEqual({ token: 't' })
    expect(await three.token(KEY)).toEqual({ token: 't' })
  })

  it.each([
    ['another digest', { ...KEY, digest: 'b' }],
    ['another window', { ...KEY, until: 2000 }],
    ['another reading of the files', { ...KEY, generation: 2 }],
  ])('is none for %s', async (_what, key) => {
    const { one, two } = start()
    await one.token(KEY)
    one.made({ key: KEY, token: 't' })
    expect(await two.token(key)).toEqual({})
  })

  it('is made anew once its window is over', async () => {
    let now = NOW
    const { one, two } = start(() => now)
    await one.token(KEY)
    one.made({ key: KEY, token: 't' })
    now = KEY.until * 1000
    expect(await two.token(KEY)).toEqual({})
  })

  it('that cannot be made fails for who waits with the same error, and the next tries anew', async () => {
    const { one, two, three } = start()
    await one.token(KEY)
    const waiting = two.token(KEY)
    const error = new CountersignError('key/unavailable', 'expected a signature', { policy: 'p' })
    one.failed({ key: KEY, fault: faultOf(error) })
    await expect(waiting).rejects.toMatchObject({ code: 'key/unavailable', place: { policy: 'p' } })
    expect(await three.token(KEY)).toEqual({})
  })

  it('is made by the next who waits when its maker has ended, and a late word of that one ends nothing', async () => {
    const { one, two, three, left } = start()
    await one.token(KEY)
    const waiting = [two.token(KEY), three.token(KEY)]
    left('one')
    expect(await waiting[0]).toEqual({})
    one.failed({ key: KEY, fault: faultOf(new CountersignError('internal', 'x')) })
    two.made({ key: KEY, token: 't' })
    expect(await waiting[1]).toEqual({ token: 't' })
  })

  it('is made by the next who asks when its maker has ended and nobody waits', async () => {
    const { one, two, left } = start()
    await one.token(KEY)
    left('one')
    expect(await two.token(KEY)).toEqual({})
  })

  it('is forgotten when other files serve', async () => {
    const { one, two, keep } = start()
    await one.token(KEY)
    one.made({ key: KEY, token: 't' })
    keep(2)
    expect(await two.token(KEY)).toEqual({})
  })
})
