import { describe, expect, it } from 'vitest'
import { challenges, guardedProxy } from '../support/guarded-proxy.ts'

describe('allow', () => {
  const ONLY_ANN = `allow: "#[authentication.principal = 'ann']"`

  it.each([
    ['lets pass', 'ann', 200, undefined],
    ['refuses with 403', 'bob', 403, 'auth/forbidden'],
  ])('%s', async (_what, principal, status, code) => {
    const { get, upstream, proxy } = await guardedProxy({
      routes: { a: `authenticate: [front], ${ONLY_ANN}` },
    })
    const reply = await get('/a', `X-User: ${principal}\r\n`)
    expect(reply.status).toBe(status)
    expect(upstream.requests()).toHaveLength(status === 200 ? 1 : 0)
    const [event] = await proxy.requestsOnce(1)
    expect(event?.error?.code).toBe(code)
    expect(challenges(reply.text)).toEqual([])
  })

  it('asks an anonymous caller who it is before it refuses', async () => {
    const { get } = await guardedProxy({
      routes: { a: `authenticate: [people, anonymous], ${ONLY_ANN}` },
    })
    const { status, text } = await get('/a')
    expect(status).toBe(401)
    expect(challenges(text)).toEqual(['Basic realm="people", charset="UTF-8"'])
  })

  it('refuses an anonymous caller who could not say who it is with 403', async () => {
    const { get } = await guardedProxy({ routes: { a: `authenticate: [anonymous], ${ONLY_ANN}` } })
    expect((await get('/a')).status).toBe(403)
  })

  it('is no truth when it is not a boolean', async () => {
    const { get, upstream } = await guardedProxy({
      routes: { a: 'authenticate: [anonymous], allow: "#[attributes.method]"' },
    })
    expect((await get('/a')).status).toBe(500)
    expect(upstream.connections()).toEqual([])
  })

  it('T014 sees a field that came on two lines as an array, which equals no text', async () => {
    const { get } = await guardedProxy({
      routes: { a: `allow: "#[attributes.headers.\`x-role\` = 'admin']"` },
    })
    expect((await get('/a', 'X-Role: admin\r\n')).status).toBe(200)
    expect((await get('/a', 'X-Role: user\r\nX-Role: admin\r\n')).status).toBe(403)
  })
})
