import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keptLines } from '../support/arbitrary-fields.ts'
import { hmacSecret } from '../support/keys.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, recordingUpstream } from '../support/recording-upstream.ts'
import { startTransit } from '../support/transit-stand-in.ts'

/** A way in which a policy does not finish. */
interface Failure {
  /** Lines of YAML in the policy, without `name` and `match`. */
  readonly policy: string
  /** What the request has beside a caller. */
  readonly lines?: readonly string[]
  readonly query?: string
  readonly body?: string
  readonly expected: string
}

const LIMIT = 10_000
const JSON_BODY = 'Content-Type: application/json'

const SIGNED = 'jwt: { signingMethod: HS256, privateKey: { env: SECRET }, exp: 300'
const claims = (list: string, more = '') => `${SIGNED}, customClaims: [${list}]${more} }`
const inBody = `${SIGNED} }\ninject: { location: body, name: /token }`

const FAILURES: Readonly<Record<string, Failure>> = {
  'a claim is missing': {
    policy: `${SIGNED}, sub: "#[attributes.headers.\`x-nobody\`]" }`,
    expected: '422 claim/missing',
  },
  'a claim has another type': {
    policy: claims('{ name: level, value: "#[attributes.headers.`x-level`]", type: integer }'),
    lines: ['X-Level: CLIENT'],
    expected: '422 claim/type',
  },
  'a computed name is taken': {
    policy: claims('{ name: "#[attributes.headers.`x-name`]", value: CLIENT }', ', iss: us'),
    lines: ['X-Name: iss'],
    expected: '422 claim/duplicate',
  },
  'its token has expired': {
    policy: SIGNED.replace('exp: 300', 'exp: "#[1]" }'),
    expected: '422 token/expired',
  },
  'an expression fails': {
    policy: `${SIGNED}, sub: "#[$error(attributes.headers.\`x-caller\`)]" }`,
    expected: '500 expr/failed',
  },
  'an expression does not end': {
    policy: `${SIGNED}, sub: "#[($f := function($x) { $f($x) }; $f(attributes.headers.\`x-caller\`))]" }`,
    expected: '500 expr/limit',
  },
  'its condition fails': {
    policy: `${SIGNED} }\nwhen: "#[$number(attributes.headers.\`x-caller\`) > 1]"`,
    expected: '500 expr/failed',
  },
  'the signer is away': {
    policy:
      'jwt: { signingMethod: ES256, exp: 300, singleUse: true, privateKey: { vaultTransit: { address: "SIGNER", key: k, token: { env: TOKEN }, timeout: 100ms } } }',
    expected: '503 key/unavailable',
  },
  'a value has a line end': {
    policy: 'inject: { name: x-v, value: "#[attributes.queryParams.v]" }',
    query: '?v=a%0d%0aX-Evil:%201',
    expected: '422 claim/not-header-safe',
  },
  'a value is not ASCII': {
    policy: 'inject: { name: x-v, value: "#[attributes.queryParams.v]" }',
    query: '?v=%e6%bc%a2',
    expected: '422 claim/not-header-safe',
  },
  'the token is too large': {
    policy: claims('{ name: note, value: "#[payload.note]" }'),
    lines: [JSON_BODY],
    body: JSON.stringify({ note: 'x'.repeat(8000) }),
    expected: '422 token/too-large',
  },
  'the place is taken': {
    policy: `${SIGNED} }\ninject: { name: x-token, overwrite: fail }`,
    lines: ['X_Token: CLIENT'],
    expected: '400 inject/occupied',
  },
  'the body is not JSON': {
    policy: inBody,
    lines: [JSON_BODY],
    body: '{"a":1',
    expected: '400 body/malformed',
  },
  'the body has no place': {
    policy: inBody,
    lines: [JSON_BODY],
    body: '[1]',
    expected: '422 body/shape',
  },
  'the body is of another type': {
    policy: inBody,
    lines: ['Content-Type: text/xml'],
    body: '<a/>',
    expected: '415 body/media-type',
  },
  'the body is encoded': {
    policy: inBody,
    lines: [JSON_BODY, 'Content-Encoding: gzip'],
    body: '{}',
    expected: '415 body/encoding',
  },
  'the body is too large': {
    policy: inBody,
    lines: [JSON_BODY],
    body: JSON.stringify('x'.repeat(LIMIT)),
    expected: '413 body/too-large',
  },
}

/** What else stands on the route: nothing, a policy that comes first and finishes, or one that would come later. */
const COMPANIONS = { alone: '', last: 'order: 10', first: 'order: 90' }

const WORKING = (path: string, order: string) => `
name: ${path.slice(1)}-companion
${order}
match: { path: ${path} }
${SIGNED} }
inject: { name: x-companion }
`

async function start(failure: Failure): Promise<[TestProxy, RecordingUpstream]> {
  const signer = await startTransit()
  signer.addKey('k', 'ecdsa-p256')
  const upstream = await recordingUpstream()
  onTestFinished(upstream.close)
  const policies = Object.entries(COMPANIONS).flatMap(([path, order]) => [
    `name: ${path}\nmatch: { path: /${path} }\n${failure.policy.replace('SIGNER', signer.address)}\n`,
    ...(order === '' ? [] : [WORKING(`/${path}`, order)]),
  ])
  const proxy = await startProxy({
    policies: [...policies, WORKING('/good', '')],
    upstream: upstream.url,
    variables: { SECRET: hmacSecret(), TOKEN: 's.first' },
    bodyLimit: LIMIT,
  })
  signer.trouble = 'hang'
  return [proxy, upstream]
}

function bytesOf(
  path: string,
  failure: Failure,
  chunked: boolean,
  more: readonly string[],
): string {
  const { body, lines = [], query = '' } = failure
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body?.length}`
  const sent = chunked ? `${body?.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
  const fields = [
    'Host: a',
    'X-Caller: ann',
    ...lines,
    ...more,
    ...(body === undefined ? [] : [framing]),
  ]
  return `POST /${path}${query} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body === undefined ? '' : sent}`
}

const OVERLOAD = '"code":"overload"'
const GOOD = 'GET /good HTTP/1.1\r\nHost: a\r\n\r\n'

describe('I4 nothing goes upstream when', () => {
  it.each(Object.entries(FAILURES))('%s', async (_, failure) => {
    const [proxy, upstream] = await start(failure)
    const [status, code] = failure.expected.split(' ')
    let sent = 0
    let good = 0
    let busy = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(COMPANIONS)),
        fc.boolean(),
        fc.array(keptLines, { maxLength: 3 }),
        fc.boolean(),
        async (path, chunked, lines, afterGood) => {
          const request = bytesOf(path, failure, chunked, lines)
          const reply = await rawRequest(proxy.port, (afterGood ? GOOD : '') + request, {
            halfClose: true,
          })
          good += reply.text.split('HTTP/1.1 200 ').length - 1
          // a machine that is busy with other work refuses before any policy is asked
          busy += reply.text.split(OVERLOAD).length - 1
          fc.pre(!reply.text.includes(OVERLOAD))
          sent += 1
          const refusal = reply.text.slice(reply.text.lastIndexOf('HTTP/1.1 '))
          expect(refusal).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
          const { request_id: _id, ...problem } = JSON.parse(refusal.split('\r\n\r\n')[1] ?? '')
          expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'code'])
          expect(problem.code).toBe(code)
          expect(upstream.requests().map(({ target }) => target)).toEqual(Array(good).fill('/good'))
          expect(upstream.leftovers()).toEqual([])
        },
      ),
      { numRuns: 12, seed: 4 },
    )
    expect(good).toBeGreaterThan(0)
    const events = await proxy.requestsOnce(sent + good + busy)
    expect(events.filter(({ error }) => error?.code === code)).toHaveLength(sent)
    const refused = (await proxy.metrics()).matchAll(
      /_requests_total\{.*"(\dxx)".*"refused"\} (\d+)/g,
    )
    const counts = [...refused].map(([, kind, count]) =>
      kind?.[0] === status?.[0] ? Number(count) : 0,
    )
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(
      sent + (status?.startsWith('5') ? busy : 0),
    )
  })
})
