import { describe, expect, it } from 'vitest'
import { AUTHENTICATORS, guardedProxy, TELLING } from '../support/guarded-proxy.ts'

const ROUTES = {
  asks: 'authenticate: [front]',
  open: '',
  far: 'authenticate: [stranger, anonymous]',
}
const start = () => guardedProxy({ routes: ROUTES })

describe('a trusted header', () => {
  it('names the caller when its sender is trusted, and goes no further', async () => {
    const { get, callers, upstream } = await start()
    expect((await get('/asks', 'X-User: ann\r\n')).status).toBe(200)
    expect(callers()).toEqual([{ scheme: 'trustedHeader', principal: 'ann' }])
    expect(upstream.requests()[0]?.values('x-user')).toEqual([])
  })

  it.each(['/open', '/asks', '/far'])(
    'T107 names nobody when its sender is not trusted, and is taken off on %s',
    async (target) => {
      const { get, callers, upstream } = await start()
      const fields = 'X-Far-User: admin\r\nX-User: ann\r\n'
      expect((await get(target, fields)).status).toBe(200)
      expect(JSON.stringify(callers())).not.toContain('admin')
      expect(upstream.requests()[0]?.values('x-far-user')).toEqual([])
    },
  )

  it('T107 is no credential from a peer that is not trusted', async () => {
    const { get, proxy, upstream } = await guardedProxy({
      routes: { a: 'authenticate: [stranger]' },
    })
    expect((await get('/a', 'X-Far-User: admin\r\n')).status).toBe(401)
    expect(proxy.log()).toContain('"reason":"missing"')
    expect(upstream.requests()).toEqual([])
  })

  it.each(['X_Far_User', 'x.far.user', 'X-Far-User_', 'X~Far~User', 'X|Far|User', 'X--Far-User'])(
    'T003 is taken off as %s, too',
    async (name) => {
      const { get, upstream } = await start()
      await get('/open', `${name}: admin\r\nX-Far-Username: kept\r\n`)
      const [{ headers } = { headers: [] }] = upstream.requests()
      expect(headers.map(([sent]) => sent)).not.toContain(name)
      expect(headers.map(([sent]) => sent)).toContain('X-Far-Username')
    },
  )

  it.each(['X_User', 'x.user', 'X-User_'])(
    'T003 that is forwarded leaves behind %s, which its sender has let through',
    async (name) => {
      const authenticators = AUTHENTICATORS.replace('front: {', 'front: { forwardCredential: true,')
      const { get, upstream } = await guardedProxy({
        routes: { a: 'authenticate: [front, anonymous]' },
        authenticators,
      })
      expect((await get('/a', 'X-User: ann\r\n')).status).toBe(200)
      expect((await get('/a', `${name}: admin\r\n`)).status).toBe(200)
      const [first, second] = upstream.requests()
      expect(first?.values('x-user')).toEqual(['ann'])
      expect(second?.bytes.toString()).not.toContain('admin')
    },
  )

  it.each([
    ['empty', 'X-User:\r\n', 'malformed'],
    ['sent twice', 'X-User: ann\r\nX-User: bob\r\n', 'ambiguous'],
    ['sent beside an alias', 'X-User: ann\r\nX_User: bob\r\n', 'ambiguous'],
  ])('is refused when it is %s', async (_what, fields, reason) => {
    const { get, proxy, upstream } = await start()
    expect((await get('/asks', fields)).status).toBe(401)
    expect(proxy.log()).toContain(`"reason":"${reason}"`)
    expect(upstream.requests()).toEqual([])
  })

  it('may not be named in Connection, as that would take it off before we look', async () => {
    const { get, upstream } = await start()
    expect((await get('/asks', 'X-User: ann\r\nConnection: x-user\r\n')).status).toBe(400)
    expect(upstream.requests()).toEqual([])
  })

  it('gives way to what a policy puts there', async () => {
    const policies = TELLING.replace('name: x-token', 'name: x-far-user')
    const { get, upstream } = await guardedProxy({ routes: ROUTES, policies })
    await get('/open', 'X-Far-User: admin\r\n')
    const values = upstream.requests()[0]?.values('x-far-user') ?? []
    expect(values).toEqual([expect.stringMatching(/^(Bearer )?ey/)])
  })
})
