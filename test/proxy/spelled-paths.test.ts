import { expect, it } from 'vitest'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

/** A route that asks its callers, one of one method only, and one for everything else, which asks nobody. */
async function start() {
  const upstream = await recordingUpstream()
  const url = `http://127.0.0.1:${upstream.port}`
  const proxy = await startProxy({
    policies: `
name: none
match: { path: /never }
apiKey: { env: KEY }
`,
    variables: { KEY: 'k'.repeat(20) },
    gateway: `
authenticators: { front: { trustedHeader: { name: x-user, from: [192.0.2.1] } } }
routes:
  - { name: admin, match: { path: /admin }, upstream: "${url}", authenticate: [front], unmatched: forward }
  - { name: user, match: { path: "/users/{id}/Keys" }, upstream: "${url}", allow: "#[false]", unmatched: forward }
  - { name: write, match: { path: /write, methods: [POST] }, upstream: "${url}", authenticate: [front], unmatched: forward }
  - { name: open, upstream: "${url}", unmatched: forward }
`,
  })
  const get = async (path: string) => {
    const reply = await rawRequest(
      proxy.port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
    return { status: reply.status, code: /"code":"([^"]*)"/.exec(reply.text)?.[1] }
  }
  return { upstream, get }
}

const AMBIGUOUS = { status: 400, code: 'request/ambiguous-path' }

it.each([
  '/admin;x=1',
  '/admin;/x',
  '/admin%3Bx',
  '/admin%3bx/users',
  '/admin%20',
  '/admin%09',
  '/admin.',
  '/admin./x',
  '/ADMIN',
  '/users/7/keys',
  '/users/7/KEYS;x',
])('T029 keeps %s from the route that asks nobody', async (path) => {
  const { upstream, get } = await start()
  expect(await get(path)).toEqual(AMBIGUOUS)
  expect(upstream.requests()).toEqual([])
})

it.each(['/administrator', '/Public', '/public;x=1', '/write/Up', '/users/7/notes', '/x/admin'])(
  'forwards %s, which no server reads as another route',
  async (path) => {
    const { upstream, get } = await start()
    expect(await get(path)).toMatchObject({ status: 200 })
    expect(upstream.requests()[0]?.target).toBe(path)
  },
)

it('asks the caller at the very path', async () => {
  const { get } = await start()
  expect(await get('/admin')).toEqual({ status: 401, code: 'auth/invalid' })
  expect(await get('/admin/Users;x=1')).toEqual({ status: 401, code: 'auth/invalid' })
})
