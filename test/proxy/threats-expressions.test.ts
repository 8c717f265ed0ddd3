import { createVerifier } from 'fast-jwt'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hmacSecret } from '../support/keys.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'

const secret = hmacSecret()
const verify = createVerifier({ key: secret, algorithms: ['HS256'] })
const MEBIBYTE = 1024 * 1024

/** One expression as a claim, the body that it is asked with, and what the request ends with. */
interface Attack {
  readonly value: string
  readonly body?: unknown
  /** Further keys of the claim. */
  readonly more?: object
  /** Status and code, or the claim that the upstream gets; undefined when the claim is left out. */
  readonly gives: string | { readonly claim: unknown }
}

let upstream: RecordingUpstream
let proxy: TestProxy
const policies: string[] = []

/** A policy on the path of its name, with this claim behind others. */
const policy = (name: string, claim: object) =>
  JSON.stringify({
    name,
    match: { path: `/${name}` },
    jwt: {
      signingMethod: 'HS256',
      privateKey: { env: 'SECRET' },
      exp: 300,
      sub: 'ann',
      customClaims: [{ name: 'fixed', value: true }, claim],
    },
    inject: { location: 'header', name: 'x-token' },
  })

/** Tests that each of these ends as it says, on a policy and path of its own. */
function tests(id: string, attacks: Readonly<Record<string, Attack>>): void {
  const paths = new Map<string, string>()
  for (const [what, { value, more }] of Object.entries(attacks)) {
    const name = `p-${policies.length}`
    paths.set(what, `/${name}`)
    policies.push(policy(name, { name: 'claim', value: `#[${value}]`, ...more }))
  }
  it.each(Object.keys(attacks))(`${id} %s`, async (what) => {
    const { body, gives } = attacks[what] as Attack
    const before = upstream.requests().length
    const path = paths.get(what) as string
    // all three are under way at once
    const hostile = [post(path, body), post(path, body)]
    const honest = post('/honest', { id: what })
    expect(await honest).toEqual({ claim: what })
    for (const found of await Promise.all(hostile)) expect(found).toEqual(gives)
    expect(await post('/honest', { id: 'after' })).toEqual({ claim: 'after' })
    const served = typeof gives === 'string' ? 2 : 4
    expect(upstream.requests()).toHaveLength(before + served)
  })
}

let sent = 0

/** Status and code of the refusal, or the claim in the token that the upstream got for this request. */
async function post(path: string, body: unknown): Promise<Attack['gives']> {
  sent += 1
  const target = `${path}?${sent}`
  const text = JSON.stringify(body ?? {})
  return postText(target, typeof body === 'string' ? body : text)
}

async function postText(target: string, text: string): Promise<Attack['gives']> {
  const length = Buffer.byteLength(text)
  const head = `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`
  const reply = await rawRequest(proxy.port, [head, Buffer.from(text)], {
    until: (got) => /\r\n\r\nok$|\}$/.test(got),
  })
  const request = upstream.requests().find((other) => other.target === target)
  if (reply.status === 200) {
    const { sub, fixed, claim } = verify(request?.values('x-token')[0] ?? '')
    expect([sub, fixed]).toEqual(['ann', true])
    return { claim }
  }
  expect(request).toBeUndefined()
  return `${reply.status} ${JSON.parse(reply.text.split('\r\n\r\n')[1] ?? '{}').code}`
}

beforeAll(async () => {
  upstream = await recordingUpstream()
  const honest = policy('honest', { name: 'claim', value: '#[payload.id]' })
  proxy = await startProxy({
    policies: [...policies, honest],
    upstream: upstream.url,
    variables: { SECRET: secret },
    bodyLimit: 4 * MEBIBYTE,
  })
})

afterAll(async () => {
  await proxy.close()
  await upstream.close()
})

afterEach(() => expect(upstream.leftovers()).toEqual([]))

const a = (count: number) => ({ v: 'a'.repeat(count) })
const LIMIT = '500 expr/limit'
const FAILED = '500 expr/failed'
const TYPE = '422 claim/type'
const MISSING = '422 claim/missing'

// What no request decides is evaluated when the files are read, and is a load error then.
describe('a run-away expression that begins with the request is stopped', () => {
  tests('T068', {
    'tail recursion': { value: '(payload; ($f := function($x){$f($x+1)}; $f(0)))', gives: LIMIT },
    recursion: { value: '(payload; ($f := function($x){1+$f($x+1)}; $f(0)))', gives: LIMIT },
    'mutual recursion': {
      value: '(payload; ($f := function($x){$g($x)}; $g := function($x){$f($x)}; $f(0)))',
      gives: LIMIT,
    },
    'backtracking, which RE2 does not do': {
      value: 'payload.$match(v,/^(a+)+$/)',
      body: { v: `${'a'.repeat(30)}!` },
      gives: MISSING,
    },
    'twenty greedy groups, which RE2 answers': {
      value: 'payload.$contains(v,/(.*a){20}$/)',
      body: a(28),
      gives: { claim: true },
    },
    'a million paddings': {
      value: '(payload; $join([1..1000000].$pad("",1000,"x")))',
      gives: LIMIT,
    },
    'a replacement by itself': {
      value: 'payload.$replace(v,"a",v)',
      body: a(20 * 1024),
      gives: LIMIT,
    },
    'a sort without order': {
      value: '(payload; $sort([1..200000],function($a,$b){true}))',
      gives: LIMIT,
    },
    'a billion of padding': { value: '(payload; $pad("",1000000000,"x"))', gives: LIMIT },
  })

  tests('T069', {
    '8 KB replaced by 8 KB': {
      value: 'payload.$replace(v, "a", v)',
      body: a(8192),
      gives: LIMIT,
    },
    '8 KB replaced by 8 KB with a pattern': {
      value: 'payload.$replace(v, /a/, v)',
      body: a(8192),
      gives: LIMIT,
    },
    'doubling 27 times': {
      value: '(payload; ($f := function($s,$n){$n = 0 ? $s : $f($s & $s, $n - 1)}; $f("x", 27)))',
      gives: LIMIT,
    },
    'padding of 1e8': { value: '(payload; $pad("",1e8))', gives: LIMIT },
    'a split of 3 MB': { value: 'payload.$split(v, "")', body: a(3_000_000), gives: LIMIT },
    'text of a 2 MB body': { value: 'payload.$string($)', body: a(2_000_000), gives: LIMIT },
    'base64 of 2 MB': { value: 'payload.$base64encode(v)', body: a(2_000_000), gives: LIMIT },
    'a long picture': {
      value: 'payload.$formatNumber(1, v)',
      body: { v: '#'.repeat(100_000) },
      gives: LIMIT,
    },
    'a claim above 16 KB': { value: 'payload.v', body: a(17_000), gives: LIMIT },
    'a token above 8 KB': { value: 'payload.v', body: a(9000), gives: '422 token/too-large' },
  })

  tests('T070', {
    'nested repeats on 30 characters': {
      value: '$contains(payload.v, /^(a+)+$/)',
      body: { v: `${'a'.repeat(30)}!` },
      gives: { claim: false },
    },
    'nested repeats on 20 KB': {
      value: '$contains(payload.v, /^(a+)+$/)',
      body: { v: `${'a'.repeat(20 * 1024)}!` },
      gives: { claim: false },
    },
    'nested repeats on 20 KB that match': {
      value: '$contains(payload.v, /^(a+)+$/)',
      body: a(20 * 1024),
      gives: { claim: true },
    },
  })

  tests('T071', {
    'text that names $eval is text': {
      value: 'payload.v',
      body: { v: '$eval("1+1")' },
      gives: { claim: '$eval("1+1")' },
    },
    'text is not called': { value: '(payload.v)("1")', body: { v: '$eval' }, gives: FAILED },
    'data that poses as a function is not called': {
      value: '(payload.v)("1")',
      body: { v: { _jsonata_function: true, implementation: '$eval' } },
      gives: FAILED,
    },
  })
})

describe('a result is what the claim is declared to be', () => {
  const one = { u: [{ r: 'one' }], nothing: null, zero: 0, one: 1, roles: ['one', 'two'] }
  const typed = (value: string, type: string, gives: Attack['gives']): Attack => {
    return { value, more: { type }, body: one, gives }
  }
  tests('T073', {
    'nothing is refused': { value: 'payload.none', gives: MISSING },
    'nothing is left out where that is declared': {
      value: 'payload.none',
      more: { onMissing: 'omit' },
      gives: { claim: undefined },
    },
    'nothing is refused as an array': typed('payload.none[]', 'array', MISSING),
    ...Object.fromEntries(
      ['string', 'number', 'integer', 'boolean', 'object'].map((type) => {
        return [`null is no ${type}`, typed('payload.nothing', type, TYPE)]
      }),
    ),
    'null is refused as it would be with onMissing: omit': {
      value: 'payload.nothing',
      more: { type: 'string', onMissing: 'omit' },
      body: one,
      gives: TYPE,
    },
    'a function': { value: '(payload; function($x){$x})', gives: TYPE },
    'a function of ours': { value: '(payload; $sum)', gives: TYPE },
    'a function in an array': { value: '[payload, $sum]', gives: TYPE },
    'a regular expression': { value: '(payload; /a/)', gives: TYPE },
    'a lambda that holds itself': {
      value: '(payload; $f := function($x){$f}; {"a": [$f]})',
      gives: TYPE,
    },
    NaN: { value: 'payload.zero / payload.zero', body: one, gives: TYPE },
    Infinity: { value: 'payload.one / payload.zero', body: one, gives: TYPE },
    '-Infinity in an array': { value: '[-payload.one / payload.zero]', body: one, gives: TYPE },
    '-0 is 0': typed('-payload.zero', 'integer', { claim: 0 }),
    'a time is text, no number': typed('(payload; $now())', 'number', TYPE),
    'an array of 10^5': { value: '(payload; [1..100000])', gives: LIMIT },
    'an array of 10^5 that was sent': {
      value: 'payload.v',
      body: { v: Array(100_000).fill(1) },
      gives: '413 body/too-large',
    },
    'one item of a path is that item': {
      value: 'payload.u.r',
      body: one,
      gives: { claim: 'one' },
    },
    'one item of a path is a list where it says []': {
      value: 'payload.u.r[]',
      body: one,
      gives: { claim: ['one'] },
    },
    'one item of a path is a list where the claim says array': typed('payload.u.r', 'array', {
      claim: ['one'],
    }),
    'two items are no string': typed('payload.roles', 'string', TYPE),
    'a list of one is no string': typed('payload.u.r[]', 'string', TYPE),
    'a list is no object': typed('payload.roles', 'object', TYPE),
    'an object is no string': typed('payload', 'string', TYPE),
    'a text is no boolean': typed('payload.u.r', 'boolean', TYPE),
    'a fraction is no integer': typed('payload.one / 2', 'integer', TYPE),
  })
})

describe('a name that the request chooses', () => {
  const named = (name: string, gives: Attack['gives'], v: unknown = 1): Attack => {
    return { value: 'payload.v', more: { name: '#[payload.name]' }, body: { name, v }, gives }
  }
  const TAKEN = '422 claim/duplicate'
  tests('T074', {
    'is not exp': named('exp', TAKEN, 4_102_444_800),
    'is not iat': named('iat', TAKEN, 0),
    'is not sub, which the block has': named('sub', TAKEN, 'root'),
    'is not another claim of the list': named('fixed', TAKEN),
    'is a registered claim of its type only': named('nbf', TYPE, 'soon'),
    'is no nbf in milliseconds': named('nbf', TYPE, 1_767_225_600_000),
    'is no jti that is a number': named('jti', TYPE, 7),
    'is no aud that is an object': named('aud', TYPE, { a: 1 }),
    'is no iss that is a list': named('iss', TYPE, ['a']),
    'is any other name': named('claim', { claim: 1 }),
    'is a name of the prototype as a name of its own': named('__proto__', { claim: undefined }),
    'is no pointer to a member of exp': named('/exp/x', { claim: undefined }),
  })
})

describe('a number that a double would round', () => {
  const numbers = [
    '12345678901234567890',
    '9007199254740993',
    '1e400',
    '0.1000000000000000055',
    '-1e-400',
  ]
  for (const number of numbers) {
    const body = `{"id":${number},"all":[{"id":${number}}]}`
    const row = (
      value: string,
      gives: Attack['gives'],
      type?: string,
    ): readonly [string, Attack] => [
      `refuses ${number} in ${value}${type ? ` as ${type}` : ''}`,
      { value, body, gives, ...(type && { more: { type } }) },
    ]
    tests(
      'T075',
      Object.fromEntries([
        row('payload.id', TYPE),
        row('payload.id', TYPE, 'string'),
        row('payload.id', TYPE, 'integer'),
        row('payload', TYPE),
        row('payload.all.id', TYPE),
        row('{"id": payload.id}', TYPE),
        row('$string(payload.id)', TYPE),
        row('"id-" & payload.id', TYPE),
        row('payload.id + 0', FAILED),
        row('$number(payload.id)', FAILED),
        row('$sum(payload.all.id)', FAILED),
        row('$max(payload.all.id)', FAILED),
        row('$round(payload.id)', FAILED),
        row('payload.id > 5', FAILED),
      ]),
    )
  }

  tests('T075', {
    'in a text is not converted': {
      value: 'payload.id',
      more: { type: 'number' },
      body: { id: '12345678901234567890' },
      gives: TYPE,
    },
    'in a text is no integer': {
      value: 'payload.id',
      more: { type: 'integer' },
      body: { id: '9007199254740993' },
      gives: TYPE,
    },
    'stays the text that it was sent as': {
      value: 'payload.id',
      body: { id: '12345678901234567890' },
      gives: { claim: '12345678901234567890' },
    },
    'is not equal to what it would be rounded to': {
      value: 'payload.id = 12345678901234567000',
      body: '{"id":12345678901234567890}',
      gives: { claim: false },
    },
    'elsewhere in the body is no obstacle': {
      value: 'payload.name',
      body: '{"id":12345678901234567890,"name":"ann"}',
      gives: { claim: 'ann' },
    },
  })
})
