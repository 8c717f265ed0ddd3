import { describe, expect, it } from 'vitest'
import { startProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { recordingUpstream } from '../support/recording-upstream.ts'

/** What became of one request, given as its request line and further fields. */
async function send(
  policies: string | readonly string[],
  line: string,
  { fields = '', routes = '{ name: all, upstream: "UPSTREAM" }', body = '' } = {},
) {
  const upstream = await recordingUpstream()
  const proxy = await startProxy({
    policies,
    gateway: `routes: [${routes.replaceAll('UPSTREAM', upstream.url)}]`,
  })
  const length = body && `content-type: application/json\r\ncontent-length: ${body.length}\r\n`
  const reply = await rawRequest(
    proxy.port,
    `${line} HTTP/1.1\r\nHost: a\r\n${fields}${length}\r\n${body}`,
    { until: (text) => /ok$|\}$/.test(text) },
  )
  await upstream.close()
  const seen = upstream.requests()
  return { status: reply.status, seen: seen[0], count: seen.length, events: proxy.requests() }
}

/** A policy that writes a text, by default its own name, to `x-user`. */
const policy = (name: string, more = '', place = 'name: x-user') =>
  `name: ${name}\n${more}\ninject: { ${place}, value: ${name} }\n`
const ALWAYS = 'name: x-user, overwrite: always'
const IF_ABSENT = 'name: x-user, overwrite: ifAbsent'

describe('named segments', () => {
  const SHOPS = '{ name: shops, match: { path: "/shops/{shop}/{id}" }, upstream: "UPSTREAM" }'
  const params = (path: string) => `
name: orders
match: { path: "${path}" }
inject: { name: x-user, value: "#[$join([attributes.uriParams.shop, attributes.uriParams.id, attributes.uriParams.item], ' ')]" }
`

  it('of the route and of the policy are seen together, those of the policy first', async () => {
    const text = params('/shops/{item}/{id}/{shop}')
    const { seen } = await send(text, 'GET /shops/b%20c/7/x', { routes: SHOPS })
    expect(seen?.values('x-user')).toEqual(['x 7 b c'])
    expect(seen?.target).toBe('/shops/b%20c/7/x')
  })

  it('of a policy are its own: another one does not see them', async () => {
    const other = `
name: other
match: { path: /shops }
inject: { name: x-other, value: "#[$keys(attributes.uriParams)]" }
`
    const texts = [params('/shops/{item}/7'), other]
    const { seen, status } = await send(texts, 'GET /shops/a/7', { routes: SHOPS })
    expect(status).toBe(422)
    expect(seen).toBeUndefined()
    const counted = other.replace(
      '$keys(attributes.uriParams)',
      "$join($keys(attributes.uriParams), ',')",
    )
    const { seen: joined } = await send([params('/shops/{item}/7'), counted], 'GET /shops/a/7', {
      routes: SHOPS,
    })
    expect(joined?.values('x-other')).toEqual(['shop,id'])
  })

  it.each(['%FF', '%E0%80%AF', '%ED%A0%80'])('refuse %s, which is not UTF-8', async (text) => {
    const { status, count, events } = await send(params('/shops/{id}'), `GET /shops/${text}`)
    expect([status, count, events[0]?.error?.code]).toEqual([400, 0, 'request/ambiguous-path'])
  })

  it.each(['%2e%2e', '..', '%2F', 'a%5Cb', '.'])('T028 never stand for %s', async (text) => {
    const { status, count } = await send(params('/shops/{id}'), `GET /shops/${text}`)
    expect([status, count]).toEqual([400, 0])
  })

  it.each(['GET http://evil.test/shops/7', 'GET //evil.test/shops/7', 'GET \\evil'])(
    'T026 T027 are not looked for in %s',
    async (line) => {
      const { status, count } = await send(params('/shops/{id}'), line)
      expect([status, count]).toEqual([400, 0])
    },
  )
})

describe('rules', () => {
  const RULES = `match: { rules: [{ path: "/api/v[12]/.*", methods: GET|HEAD }, { headers: { x-env: "prod|test" } }] }`

  it.each([
    ['GET /api/v1/a', ''],
    ['POST /a', 'X-Env: prod\r\n'],
  ])('take %s %s', async (line, fields) => {
    const { seen } = await send(policy('us', RULES), line, { fields })
    expect(seen?.values('x-user')).toEqual(['us'])
  })

  it.each([
    ['GET /api/v1', ''],
    ['POST /api/v1/a', ''],
    ['GET /x/api/v1/a', ''],
    ['GET /a', 'X-Env: production\r\n'],
    ['GET /a', 'X-Env: prod\r\nX-Env: prod\r\n'],
  ])('T030 leave %s %s to no policy, which is refused', async (line, fields) => {
    const { status, count } = await send(policy('us', RULES), line, { fields })
    expect([status, count]).toEqual([404, 0])
  })

  it('T070 answer at once what makes other engines backtrack', async () => {
    const text = policy('us', 'match: { rules: [{ path: "/(a+)+" }] }')
    const { status } = await send(text, `GET /${'a'.repeat(15_000)}b`)
    expect(status).toBe(404)
  })

  it('refuse a request that lets a proxy take away the field they look at', async () => {
    const { status, count } = await send(policy('us', RULES), 'GET /a', {
      fields: 'X-Env: prod\r\nConnection: x-env\r\n',
    })
    expect([status, count]).toEqual([400, 0])
  })
})

describe('a policy for several routes', () => {
  it.each([
    ['/a', ['us']],
    ['/b', ['us']],
    ['/c', []],
  ])('on %s gives %j', async (path, expected) => {
    const routes = ['a', 'b', 'c'].map(
      (name) =>
        `{ name: ${name}, match: { path: /${name} }, unmatched: forward, upstream: "UPSTREAM" }`,
    )
    const text = policy('us', 'match: { route: [a, b] }')
    const { seen } = await send(text, `GET ${path}`, { routes: routes.join() })
    expect(seen?.values('x-user')).toEqual(expected)
  })
})

describe('several policies for one place', () => {
  const sent = { fields: 'X-User: theirs\r\n' }
  const FALSE = 'when: "#[1 = 2]"'

  it.each([
    ['the later by order', [policy('b', 'order: 1'), policy('a', 'order: 2', ALWAYS)], ['a']],
    ['the later by name', [policy('b', '', ALWAYS), policy('a')], ['b']],
    ['the earlier, when the later is ifAbsent', [policy('a'), policy('b', '', IF_ABSENT)], ['a']],
    ['the earlier, when the later is false', [policy('a'), policy('b', FALSE, ALWAYS)], ['a']],
    [
      'the earlier, when the later is disabled',
      [policy('a'), policy('b', 'enabled: false')],
      ['a'],
    ],
    [
      'neither, when the earlier is false and took away what the later would keep',
      [policy('a', FALSE), policy('b', '', IF_ABSENT)],
      [],
    ],
    [
      'the later, when the earlier is false and the client sent none',
      [policy('a', FALSE), policy('b', '', ALWAYS)],
      ['b'],
    ],
  ])('give it to %s', async (_what, policies, expected) => {
    const { seen } = await send(policies, 'GET /', sent)
    expect(seen?.values('x-user')).toEqual(expected)
  })

  it('keep what the client sent when both only fill in', async () => {
    const both = [policy('a', '', IF_ABSENT), policy('b', '', IF_ABSENT)]
    expect((await send(both, 'GET /', sent)).seen?.values('x-user')).toEqual(['theirs'])
    expect((await send(both, 'GET /')).seen?.values('x-user')).toEqual(['a'])
  })

  it.each([
    ['/auth', '/auth/user'],
    ['/auth/user', '/auth'],
  ])('count %s as taken for ifAbsent at %s', async (there, here) => {
    const at = (name: string) => `location: body, name: ${name}`
    const policies = [
      policy('a', '', at(there)),
      policy('b', '', `${at(here)}, overwrite: ifAbsent`),
    ]
    const { seen, status } = await send(policies, 'POST /', { body: '{"x":1}' })
    expect(status).toBe(200)
    expect(seen?.body.toString()).toMatch(/"a"/)
    expect(seen?.body.toString()).not.toMatch(/"b"/)
  })
})

describe('when no policy applies in the end', () => {
  const NONE = [
    policy('a', 'when: "#[1 = 2]"'),
    policy('b', 'enabled: false'),
    policy('c', 'match: { path: /c }', ALWAYS),
  ]
  const route = (unmatched: string) =>
    `{ name: all, unmatched: ${unmatched}, upstream: "UPSTREAM" }`

  it('T030 the route rejects', async () => {
    const { status, count, events } = await send(NONE, 'GET /', { routes: route('reject') })
    expect([status, count, events[0]?.error?.code]).toEqual([404, 0, 'route/none'])
  })

  it('the route forwards where it says so, without what the client sent at the place', async () => {
    const { seen } = await send(NONE, 'GET /', {
      routes: route('forward'),
      fields: 'X-User: theirs\r\n',
    })
    expect(seen?.values('x-user')).toEqual([])
  })
})

describe('a condition on a field that was sent on several lines', () => {
  const when = (condition: string) => policy('us', `when: "#[${condition}]"`)
  const lines = (...roles: string[]) => ({
    fields: roles.map((role) => `X-Role: ${role}\r\n`).join(''),
  })

  it.each([
    [
      'an allow rule asks for exactly one value',
      "attributes.headers.`x-role` = 'admin'",
      [true, false, false],
    ],
    [
      'a deny rule asks for none of them',
      "$not('user' in attributes.headers.`x-role`)",
      [true, false, false],
    ],
  ])('T014 sees every line: %s', async (_what, condition, expected) => {
    const applied = async (...roles: string[]) =>
      (await send(when(condition), 'GET /', lines(...roles))).status === 200
    const found = [
      await applied('admin'),
      await applied('user', 'admin'),
      await applied('admin', 'user'),
    ]
    expect(found).toEqual(expected)
  })

  it('T014 is one text with commas in it when it was sent so', async () => {
    const condition = "attributes.headers.`x-role` = 'user,admin'"
    expect((await send(when(condition), 'GET /', lines('user,admin'))).status).toBe(200)
  })

  it.each([
    'attributes.headers.`x-role`',
    '$string(1 = $count(attributes.host))',
    '$count(attributes.host)',
    'attributes.headers.`x-none`',
  ])('is no truth when it gives something else: %s', async (condition) => {
    const { status, count, events } = await send(when(condition), 'GET /', lines('a', 'b'))
    expect([status, count, events[0]?.error?.code]).toEqual([500, 0, 'expr/failed'])
  })
})
