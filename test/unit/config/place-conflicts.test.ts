import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RouteMatch } from '../../../src/config/bound-routes.ts'
import { formatDiagnostic } from '../../../src/config/diagnostic.ts'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** What is found wrong with two policies that put a value somewhere: `here` applies after `there`. */
async function load(there: object, here: object, routes?: readonly RouteMatch[]) {
  const value = { name: 'x-user', value: 'us' }
  const first = { name: 'there', order: 10, inject: value, ...there }
  const second = { name: 'here', order: 20, inject: value, ...here }
  const folder = await tempFolder({
    'a.yaml': JSON.stringify(second),
    'b.yaml': JSON.stringify(first),
  })
  const { diagnostics } = await loadPolicies(folder.path, systemEnvironment(), { routes })
  return diagnostics.filter(({ rule }) => rule !== 'inject/query-token')
}

const rules = async (there: object, here: object) =>
  (await load(there, here)).map(({ file, rule }) => `${file.at(-6)} ${rule}`)
const inject = (place: object) => ({ inject: { value: 'us', ...place } })
const match = (block: object) => ({ match: block })
const CONFLICT = ['a policy/same-place']

describe('two policies that write the same place', () => {
  it('are an error at the later one, which names the other', async () => {
    const found = await load(
      {},
      {
        inject: [
          { name: 'x-other', value: 'us' },
          { name: 'X_User', value: 'us' },
        ],
      },
    )
    expect(found).toMatchObject([{ severity: 'error', rule: 'policy/same-place', line: 1 }])
    const shown = found.map((diagnostic) => formatDiagnostic(diagnostic)).join()
    expect(shown).toContain('policy "there" writes "header:x-user" before')
    expect(shown).toMatch(/overwrite: always.*ifAbsent/)
    const text = JSON.stringify({
      name: 'here',
      order: 20,
      inject: [{ name: 'x-other', value: 'us' }],
    })
    expect(found[0]?.column).toBe(text.indexOf(']') + 2)
  })

  it.each(['always', 'ifAbsent', 'fail'])(
    'may, when the later one writes overwrite: %s',
    async (overwrite) => {
      expect(await rules({}, inject({ name: 'x-user', overwrite }))).toEqual([])
    },
  )

  it('may not when only the earlier one does', async () => {
    expect(await rules(inject({ name: 'x-user', overwrite: 'always' }), {})).toEqual(CONFLICT)
  })

  it.each([
    ['a query parameter', { location: 'query', name: 'user' }, { location: 'query', name: 'User' }],
    ['a cookie', { location: 'cookie', name: 'user' }, { location: 'cookie', name: 'user' }],
    ['a form field', { location: 'body', name: 'user' }, { location: 'body', name: 'User' }],
    ['a member', { location: 'body', name: '/user' }, { location: 'body', name: '/User' }],
    [
      'a member below',
      { location: 'body', name: '/auth' },
      { location: 'body', name: '/auth/user' },
    ],
    [
      'a member above',
      { location: 'body', name: '/auth/user' },
      { location: 'body', name: '/auth' },
    ],
  ])('are told apart by no spelling: %s', async (_what, there, here) => {
    expect(await rules(inject(there), inject(here))).toEqual(CONFLICT)
  })

  it.each([
    ['another field', { name: 'x-user' }, { name: 'x-users' }],
    ['another location', { location: 'query', name: 'user' }, { location: 'cookie', name: 'user' }],
    [
      'a member beside',
      { location: 'body', name: '/auth/a' },
      { location: 'body', name: '/auth/b' },
    ],
    [
      'a form field and a member',
      { location: 'body', name: 'user' },
      { location: 'body', name: '/user' },
    ],
  ])('are not two that write %s', async (_what, there, here) => {
    expect(await rules(inject(there), inject(here))).toEqual([])
  })

  it('are not two that put their token nowhere', async () => {
    const nowhere = { location: 'none' }
    const jwt = {
      signingMethod: 'HS256',
      privateKey: hmacSecret(),
      exp: 9,
    }
    const saved = (saveAs: string) => ({ jwt, inject: nowhere, saveAs })
    expect(new Set(await rules(saved('a'), saved('b')))).toEqual(
      new Set(['a key/inline', 'b key/inline']),
    )
  })

  it.each([
    ['hosts', { hosts: ['a'] }, { hosts: ['b'] }],
    ['ports', { hosts: ['a:80'] }, { hosts: ['a:81'] }],
    ['paths', { path: '/a' }, { path: '/b' }],
    ['segments behind a name', { path: '/{x}/a' }, { path: '/{y}/b' }],
    ['methods', { methods: ['GET'] }, { methods: ['POST', 'PUT'] }],
    [
      'header values',
      { headers: { 'X-Env': 'a' } },
      { headers: { 'x-env': { oneOf: ['b', 'c'] } } },
    ],
    ['routes', { route: 'a' }, { route: ['b', 'c'] }],
  ])('may, when %s tell them apart', async (_what, there, here) => {
    expect(await rules(match(there), match(here))).toEqual([])
  })

  it.each([
    ['one host', { hosts: ['a', 'b'] }, { hosts: ['B.'] }],
    ['any port', { hosts: ['a'] }, { hosts: ['a:80'] }],
    ['a path below', { path: '/a' }, { path: '/a/b' }],
    ['a path above', { path: '/a/b' }, { path: '/a' }],
    ['a name', { path: '/a/{x}' }, { path: '/a/b' }],
    ['a name before', { path: '/{x}/c' }, { path: '/a/c' }],
    ['every path', {}, { path: '/a' }],
    ['a method', { methods: ['GET', 'PUT'] }, { methods: ['PUT'] }],
    ['a header', { headers: { 'x-env': 'a' } }, { headers: { 'x-env': { present: true } } }],
    ['other headers', { headers: { 'x-a': 'a' } }, { headers: { 'x-b': 'b' } }],
    ['a route', { route: ['a', 'b'] }, { route: 'b' }],
    ['every route', { route: 'a' }, {}],
    ['rules', { rules: [{ path: '/a' }] }, { rules: [{ path: '/b' }] }],
  ])('may not, when %s may be both of theirs', async (_what, there, here) => {
    expect(await rules(match(there), match(here))).toEqual(CONFLICT)
  })

  it('may not, whatever their conditions say', async () => {
    expect(await rules({ when: '#[vars.a = 1]' }, { when: '#[vars.a != 1]' })).toEqual(CONFLICT)
  })

  it('may, when one of them is disabled', async () => {
    expect(await rules({ enabled: false }, {})).toEqual([])
  })

  it('are in the order of their names when theirs is the same', async () => {
    expect(await rules({ order: 20, name: 'z' }, {})).toEqual(['b policy/same-place'])
  })

  const ROUTES = [
    { name: 'shop', criteria: { hosts: ['shop'], path: ['shop'] } },
    { name: 'staff', criteria: { hosts: ['staff'] } },
  ]
  const found = async (there: object, here: object) =>
    (await load(match(there), match(here), ROUTES)).map(({ rule }) => rule)

  it.each([
    ['the hosts of its route', { route: 'shop' }, { hosts: ['staff'] }],
    ['the path of its route', { route: 'shop' }, { path: '/staff' }],
    ['those of each of its routes', { route: ['shop', 'staff'] }, { hosts: ['other'] }],
    [
      'the one route that both are bound to',
      { route: 'shop' },
      { route: ['shop', 'staff'], path: '/a' },
    ],
  ])('may, when %s tell them apart', async (_what, there, here) => {
    expect([await found(there, here), await found(here, there)]).toEqual([[], []])
  })

  it.each([
    ['the hosts of its route', { route: 'shop' }, { hosts: ['shop'] }],
    ['one of its routes', { route: ['shop', 'staff'] }, { hosts: ['staff'] }],
    ['a path below that of its route', { route: 'shop' }, { path: '/shop/a' }],
  ])('may not, when %s may be of both', async (_what, there, here) => {
    expect(await found(there, here)).toEqual(['policy/same-place'])
  })

  it('are found among many as they are found by two', async () => {
    const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 })
    const block = fc.record(
      {
        route: some('shop', 'staff'),
        hosts: some('shop', 'staff', 'shop:80'),
        path: fc.constantFrom('/shop', '/a', '/a/b', '/{x}/b'),
        headers: fc.record({ 'x-a': some('a', 'b').map((oneOf) => ({ oneOf })) }),
      },
      { requiredKeys: [] },
    )
    const blocks = fc.array(block, { minLength: 2, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(blocks, async (policies) => {
        const isFound = await Promise.all(
          policies.map(async (here, index) => {
            const before = await Promise.all(
              policies.slice(0, index).map((there) => found(there, here)),
            )
            return before.flat().length > 0
          }),
        )
        expect(await conflicting(policies, ROUTES)).toEqual(isFound)
      }),
      { numRuns: 40 },
    )
  })
})

/** For each of these `match` blocks, in their order, whether its policy is told of an earlier one. */
async function conflicting(blocks: readonly object[], routes: readonly RouteMatch[]) {
  const texts = blocks.map((block, index) =>
    JSON.stringify({
      name: `p${index}`,
      order: index,
      ...match(block),
      ...inject({ name: 'x-user' }),
    }),
  )
  const folder = await tempFolder({ 'p.yaml': texts.join('\n---\n') })
  const { diagnostics } = await loadPolicies(folder.path, systemEnvironment(), { routes })
  const lines = new Set(diagnostics.map(({ line }) => line))
  return blocks.map((_, index) => lines.has(2 * index + 1))
}
