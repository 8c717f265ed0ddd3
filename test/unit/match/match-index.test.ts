import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Criteria, Segment, UriParams } from '../../../src/criteria.ts'
import { createIndex } from '../../../src/match/index.ts'
import type { RequestHead } from '../../../src/types.ts'
import { errorCode } from '../../support/error-code.ts'
import { requestHead } from '../../support/request-context.ts'

interface Entry {
  readonly name: string
  readonly criteria: Criteria
}

const path = (...segments: readonly string[]): Criteria => ({
  path: segments.map((text) => (text.startsWith('{') ? { name: text.slice(1, -1) } : text)),
})

const indexOf = (criteria: readonly Criteria[]) =>
  createIndex(criteria.map((each, index): Entry => ({ name: String(index), criteria: each })))

const found = (criteria: readonly Criteria[], head: Partial<RequestHead>) =>
  indexOf(criteria)
    .all(requestHead(head))
    .map(({ entry }) => Number(entry.name))

/** The definition that the index has to agree with: everything is looked at. */
function fulfils(head: RequestHead, criteria: Criteria): boolean {
  const { hosts, path: pattern = [], methods, headers = [], holds } = criteria
  const segments = head.requestPath.split('/').slice(1)
  const names = [head.host, head.host.replace(/\.$/, '').replace(/\.:/, ':')]
  const isHost = (host: string) =>
    names.some((name) => name === host || name.replace(/:\d+$/, '') === host)
  const isSegment = (segment: Segment, index: number) =>
    typeof segment === 'string' ? segments[index] === segment : (segments[index] ?? '') !== ''
  return (
    (hosts?.some(isHost) ?? true) &&
    pattern.every(isSegment) &&
    (methods?.includes(head.method) ?? true) &&
    headers.every(({ name, values }) => {
      const sent = head.headers[name]
      return sent !== undefined && (values?.some((value) => value === sent) ?? true)
    }) &&
    (holds?.(head) ?? true)
  )
}

const word = fc.constantFrom('a', 'b', 'c')
const segment = fc.oneof(
  word,
  word.map((name) => ({ name })),
)
const host = fc.constantFrom('a', 'b', 'a:80', 'a:81', '[::1]', '[::1]:80')
const field = fc.constantFrom('x-a', 'x-b')
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 })
const criteria = fc.record(
  {
    hosts: list(host),
    path: fc.uniqueArray(segment, { maxLength: 4, selector: (each) => JSON.stringify(each) }),
    methods: list(fc.constantFrom('GET', 'POST')),
    headers: fc.array(
      fc.oneof(fc.record({ name: field }), fc.record({ name: field, values: list(word) })),
      { maxLength: 2 },
    ),
    holds: fc.constant((head: RequestHead) => head.scheme === 'http'),
  },
  { requiredKeys: [] },
)
const heads = fc
  .record({
    host: fc.oneof(host, fc.constantFrom('', 'a.', 'a.:80', 'a..', 'c')),
    requestPath: fc
      .tuple(fc.array(word, { maxLength: 5 }), fc.boolean())
      .map(([words, slash]) => `/${words.join('/')}${slash && words.length > 0 ? '/' : ''}`),
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    scheme: fc.constantFrom('http' as const, 'https' as const),
    headers: fc.dictionary(field, fc.oneof(word, fc.array(word, { minLength: 2, maxLength: 2 }))),
  })
  .map(requestHead)

describe('an index', () => {
  it('finds what looking at every entry finds, in the order given', () => {
    fc.assert(
      fc.property(fc.array(criteria, { maxLength: 30 }), heads, (written, head) => {
        const expected = [...written.keys()].filter((at) => fulfils(head, written[at] as Criteria))
        expect(found(written, head)).toEqual(expected)
        expect(indexOf(written).first(head)?.entry.name).toBe(expected.map(String)[0])
      }),
      { numRuns: 1000 },
    )
  })

  it('gives an entry once that the host fulfils twice', () => {
    expect(found([{ hosts: ['a', 'a:80'] }], { host: 'a:80' })).toEqual([0])
  })

  it.each(['/admin', '/admin/', '/admin/users'])('T029 finds /admin for %s', (requestPath) => {
    expect(found([path('admin')], { requestPath })).toEqual([0])
  })

  it.each(['/ADMIN', '/admin;x=1', '/admin%20', '/admin.', '/administrator', '/x/admin', '/'])(
    'T029 does not find /admin for %s',
    (requestPath) => {
      expect(found([path('admin')], { requestPath })).toEqual([])
    },
  )

  it('T014 takes no one of several lines for the value that is asked for', () => {
    const role = { headers: [{ name: 'x-role', values: ['admin'] }] }
    const sent = (...lines: string[]) => ({
      headers: { 'x-role': lines.length > 1 ? lines : lines[0]! },
    })
    expect(found([role], sent('admin'))).toEqual([0])
    expect(found([role], sent('user', 'admin'))).toEqual([])
    expect(found([role], sent('admin', 'user'))).toEqual([])
    expect(found([role], sent('admin,user'))).toEqual([])
  })
})

describe('a named segment', () => {
  const paramsOf = (criterion: Criteria, requestPath: string): UriParams | undefined =>
    indexOf([criterion]).first(requestHead({ requestPath }))?.uriParams

  it.each([
    [path('orders', '{id}'), '/orders/7', { id: '7' }],
    [path('orders', '{id}'), '/orders/7/lines', { id: '7' }],
    [path('{a}', 'x', '{b}'), '/1/x/2/', { a: '1', b: '2' }],
    [path('{id}'), '/J%C3%BCrgen%20M', { id: 'Jürgen M' }],
    [path('{id}'), '/%252e%252e', { id: '%2e%2e' }],
    [path('{id}'), '/a+b', { id: 'a+b' }],
    [path('{id}'), '/7;v=1', { id: '7;v=1' }],
    [path('{__proto__}', '{constructor}'), '/a/b', { ['__proto__']: 'a', constructor: 'b' }],
  ])('of %j in %s is %j, decoded', (criterion, requestPath, expected) => {
    const params = paramsOf(criterion, requestPath)
    expect(Object.entries(params ?? {})).toEqual(Object.entries(expected))
    expect(Object.getPrototypeOf(params)).toBe(null)
  })

  it('is absent where the pattern has none', () => {
    expect(indexOf([path('a')]).first(requestHead({ requestPath: '/a' }))).not.toHaveProperty(
      'uriParams',
    )
  })

  it.each(['/orders', '/orders/', '/'])('does not stand for nothing: %s', (requestPath) => {
    expect(found([path('orders', '{id}')], { requestPath })).toEqual([])
  })

  it.each(['%FF', '%E0%80%AF', '%ED%A0%80', '%C3'])(
    'refuses %s, which is not UTF-8',
    async (text) => {
      const head = requestHead({ requestPath: `/orders/${text}` })
      const index = indexOf([path('orders', '{id}')])
      expect(await errorCode(() => index.all(head))).toBe('request/ambiguous-path')
    },
  )

  it('does not mind bytes that it does not stand for, or that another criterion rules out', () => {
    const posts = { ...path('{id}'), methods: ['POST'] }
    expect(found([path('orders'), posts], { requestPath: '/orders/%FF' })).toEqual([0])
    expect(found([posts], { requestPath: '/%FF' })).toEqual([])
  })

  it('of a later entry is not read when only the first is asked for', () => {
    const head = requestHead({ requestPath: '/%FF' })
    expect(indexOf([{}, path('{id}')]).first(head)?.entry.name).toBe('0')
  })
})

describe('hostile paths', () => {
  it('of 8,000 segments are looked at no deeper than the patterns are', () => {
    const deep = path(...Array.from({ length: 9000 }, () => '{x}'))
    const requestPath = '/a'.repeat(8000)
    expect(found([deep, path('a', '{b}')], { requestPath })).toEqual([1])
  })

  it('visit each node of the tree once, however many patterns they fit', () => {
    // every mixture of a literal and a name in 12 places: 4,096 patterns, all of which match
    const all = Array.from({ length: 4096 }, (_, bits) =>
      path(...Array.from({ length: 12 }, (_unused, at) => ((bits >> at) & 1 ? 'a' : `{p${at}}`))),
    )
    const index = indexOf(all)
    expect(index.all(requestHead({ requestPath: '/a'.repeat(12) }))).toHaveLength(4096)
    expect(index.all(requestHead({ requestPath: `${'/a'.repeat(11)}/b` }))).toHaveLength(2048)
    expect(index.all(requestHead({ requestPath: '/a'.repeat(11) }))).toHaveLength(0)
  })
})
