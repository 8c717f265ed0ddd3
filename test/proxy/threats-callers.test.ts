import { createDecoder } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { apiKey, basic, bearer, guardedProxy } from '../support/guarded-proxy.ts'
import { mixCallers } from '../support/mixed-callers.ts'

const policy = (claims: string, more = '', path = '/orders') => `
name: telling
match: { path: "${path}" }
jwt:
  signingMethod: HS256
  privateKey: { env: SECRET }
  exp: 300
  jti: true
  customClaims: [${claims}]
${more}
inject: { location: header, name: x-token }
`

interface Sent {
  readonly method?: string
  readonly target?: string
  readonly authorization?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
}

const ANN = bearer({ loginname: 'ann', roles: ['reader'], tenant: 'acme' })
const decode = createDecoder()

/** Sends requests one after another; a new token has a `jti` of its own. */
async function asker(policies: string) {
  const { proxy, upstream, callers } = await guardedProxy({
    routes: { orders: 'authenticate: [staff, machines, people]' },
    policies,
  })
  return {
    callers,
    async ask({
      method = 'GET',
      target = '/orders/7',
      authorization = ANN,
      fields,
      body,
    }: Sent = {}) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const headers = { ...(authorization && { authorization }), ...type, ...fields }
      const response = await fetch(`${proxy.url}${target}`, {
        method,
        headers,
        ...(body && { body }),
      })
      expect([response.status, await response.text()]).toEqual([200, 'ok'])
      const count = upstream.requests().length
      const token = upstream.requests()[count - 1]?.values('x-token')[0] ?? ''
      const events = await proxy.requestsOnce(count)
      const { iat, exp, jti, ...claims } = decode(token)
      return { token, claims, cache: events[count - 1]?.policies[0]?.trace?.cache }
    },
  }
}

const ALL = `
      { name: method, value: "#[attributes.method]" },
      { name: path, value: "#[attributes.requestPath]" },
      { name: params, value: "#[attributes.uriParams]", onMissing: omit },
      { name: query, value: "#[attributes.queryParams]" },
      { name: field, value: "#[attributes.headers.\`x-one\`]", onMissing: omit },
      { name: host, value: "#[attributes.host]" },
      { name: body, value: "#[payload]", onMissing: omit },
      { name: caller, value: "#[authentication]" }`

/** Each changes one input that an expression can read. */
const CHANGES: Readonly<Record<string, Sent>> = {
  principal: { authorization: bearer({ loginname: 'bob', roles: ['reader'], tenant: 'acme' }) },
  'principal in another case': {
    authorization: bearer({ loginname: 'Ann', roles: ['reader'], tenant: 'acme' }),
  },
  roles: { authorization: bearer({ loginname: 'ann', roles: ['writer'], tenant: 'acme' }) },
  'one more role': {
    authorization: bearer({ loginname: 'ann', roles: ['reader', 'writer'], tenant: 'acme' }),
  },
  'a role of two words': {
    authorization: bearer({ loginname: 'ann', roles: ['reader,writer'], tenant: 'acme' }),
  },
  'another claim of the caller': {
    authorization: bearer({ loginname: 'ann', roles: ['reader'], tenant: 'other' }),
  },
  'a claim that is a number': {
    authorization: bearer({ loginname: 'ann', roles: ['reader'], tenant: 7 }),
  },
  'that claim as text': {
    authorization: bearer({ loginname: 'ann', roles: ['reader'], tenant: '7' }),
  },
  'that claim left out': { authorization: bearer({ loginname: 'ann', roles: ['reader'] }) },
  'that claim null': {
    authorization: bearer({ loginname: 'ann', roles: ['reader'], tenant: null }),
  },
  'the kind of credential': { authorization: basic('ann') },
  'the authenticator': { authorization: '', fields: { 'x-api-key': apiKey } },
  method: { method: 'DELETE' },
  'a segment of the path': { target: '/orders/8' },
  'a slash at the end': { target: '/orders/7/' },
  'a segment with a composed letter': { target: '/orders/%C3%A9' },
  'that letter decomposed': { target: '/orders/e%CC%81' },
  'a query': { target: '/orders/7?a=1' },
  'another value of it': { target: '/orders/7?a=2' },
  'an empty value of it': { target: '/orders/7?a=' },
  'two values of it': { target: '/orders/7?a=1&a=2' },
  'these in another order': { target: '/orders/7?a=2&a=1' },
  'both in one': { target: '/orders/7?a=1,2' },
  'another name': { target: '/orders/7?b=1' },
  'a field': { fields: { 'x-one': 'a' } },
  'another value of that': { fields: { 'x-one': 'b' } },
  'a value with a delimiter': { fields: { 'x-one': 'a","b' } },
  'a body': { method: 'POST', body: '{"a":1}' },
  'a body with text': { method: 'POST', body: '{"a":"1"}' },
  'a body with null': { method: 'POST', body: '{"a":null}' },
  'a body with nothing': { method: 'POST', body: '{}' },
  'a body nested one way': { method: 'POST', body: '{"a":[["a"],"b"]}' },
  'a body nested another way': { method: 'POST', body: '{"a":["a",["b"]]}' },
}

describe('T109 a token is another', () => {
  it('for each change of one input that its claims tell', async () => {
    const { ask } = await asker(policy(ALL, '', '/orders/{id}'))
    const first = await ask()
    const tokens = new Map([[first.token, JSON.stringify(first.claims)]])
    for (const [what, change] of Object.entries(CHANGES)) {
      const { token, claims, cache } = await ask(change)
      expect([what, cache, tokens.has(token)]).toEqual([what, 'miss', false])
      tokens.set(token, JSON.stringify(claims))
    }
    // no two inputs were one to the claims, so that each token stands for one of them
    expect(new Set(tokens.values()).size).toBe(Object.keys(CHANGES).length + 1)
    for (const change of [{}, ...Object.values(CHANGES)]) {
      const { token, claims, cache } = await ask(change)
      expect([cache, tokens.get(token)]).toEqual(['hit', JSON.stringify(claims)])
    }
  })

  it.each([
    ['"#[authentication.principal]"'],
    ['"#[$join(authentication.roles, \',\')]"'],
    ['"#[$string(authentication.properties)]"'],
    ['"#[attributes.method]"'],
    ['"#[attributes.uriParams.id]"'],
    ['"#[$string(attributes.queryParams)]"'],
    ['"#[attributes.headers.`x-one` & \'\']"'],
    ['"#[$string(payload) & \'\']"'],
  ])('exactly when the claim %s is another', async (value) => {
    const { ask } = await asker(
      policy(`{ name: one, value: ${value}, onMissing: omit }`, '', '/orders/{id}'),
    )
    const byClaims = new Map<string, string>()
    for (const change of [{}, ...Object.values(CHANGES)]) {
      const { token, claims, cache } = await ask(change)
      const known = byClaims.get(JSON.stringify(claims))
      expect([cache, token]).toEqual(known ? ['hit', known] : ['miss', expect.any(String)])
      byClaims.set(JSON.stringify(claims), token)
    }
    expect(byClaims.size).toBeGreaterThan(1)
    expect(byClaims.size).toBeLessThan(Object.keys(CHANGES).length)
  })
})

describe('T113 a token serves one request', () => {
  it.each([
    ['$random()', '{ name: n, value: "#[$random()]" }'],
    ['$uuid()', '{ name: n, value: "#[$uuid()]" }'],
    ['$nonce()', '{ name: n, value: "#[$nonce()]" }'],
    ['$now()', '{ name: n, value: "#[$now()]" }'],
    ['$millis()', '{ name: n, value: "#[$millis()]" }'],
    [
      '$nowSeconds() of a caller',
      '{ name: n, value: "#[authentication.principal & $nowSeconds()]" }',
    ],
    ['the hash of the body', '{ name: n, value: "#[$bodyHash()]" }'],
    ['a nonce', '{ name: nonce, value: "#[attributes.headers.`x-one`]" }'],
    ['htm', '{ name: htm, value: "#[attributes.method]" }'],
    ['htu', '{ name: htu, value: "#[upstream.url]" }'],
    ['ath', '{ name: ath, value: "#[$sha256(authentication.principal)]" }'],
  ])('with %s', async (_what, claim) => {
    const { ask } = await asker(policy(claim))
    const sent = { fields: { 'x-one': 'same' } }
    const [first, second] = [await ask(sent), await ask(sent)]
    expect([first.cache, second.cache]).toEqual(['bypass', 'bypass'])
    expect(first.token).not.toBe(second.token)
  })

  it('with singleUse', async () => {
    const single = policy('{ name: n, value: "#[authentication.principal]" }', '  singleUse: true')
    const { ask } = await asker(single)
    const [first, second] = [await ask(), await ask()]
    expect([first.cache, second.cache]).toEqual(['bypass', 'bypass'])
    expect(first.token).not.toBe(second.token)
  })

  it('not with iat, exp, nbf and a jti of ours', async () => {
    const { ask } = await asker(
      policy('{ name: n, value: "#[authentication.principal]" }', '  nbf: { offset: 0 }'),
    )
    expect((await ask()).token).toBe((await ask()).token)
  })
})

it('T116 gives 20 callers, 20 requests each, tokens about themselves from the cache', async () => {
  const { served, mixed, results } = await mixCallers(20, 20)
  expect([served, mixed]).toEqual([400, []])
  expect(results.hit).toBeGreaterThan(200)
})

it('T072 tells of one caller in every claim of a token, however an expression gets there', async () => {
  const value = (source: string) => `"#[${source}]"`
  const one = `[
    ${value('authentication.principal')}, ${value('$$.authentication.principal')},
    ${value('$.attributes.headers.`x-id`')}, ${value('$map([1], function($n) { $$.payload.id })')},
    ${value('attributes.queryParams.id ~> $string ~> $trim')},
    ${value("$replace(?, '-', '-')(payload.id)")}, ${value('$join([payload.id])')},
    ${value('attributes.uriParams.id')}, ${value('$substring(authentication.properties.claims.id, 0)')}]`
  const { proxy, upstream, callers } = await guardedProxy({
    routes: { orders: 'authenticate: [staff]' },
    policies: policy(`{ name: caller, value: ${one} }`, '', '/orders/{id}'),
  })
  const ids = Array.from({ length: 400 }, (_, index) => `id-${index}`)
  const worker = async () => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const response = await fetch(`${proxy.url}/orders/${id}?id=${id}`, {
        method: 'POST',
        headers: {
          authorization: bearer({ loginname: id, id }),
          'content-type': 'application/json',
          'x-id': id,
        },
        body: JSON.stringify({ id }),
      })
      expect([response.status, await response.text()]).toEqual([200, 'ok'])
    }
  }
  await Promise.all(Array.from({ length: 200 }, worker))
  const asked = upstream.requests().map(({ values }) => values('x-id')[0] as string)
  expect(new Set(asked).size).toBe(400)
  expect(callers()).toEqual(asked.map((id) => Array(9).fill(id)))
})
