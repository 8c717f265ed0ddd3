import { describe, expect, it } from 'vitest'
import { mergePatches } from '../../../src/http/merge-patches.ts'
import { Secret } from '../../../src/secret.ts'

const first = new Secret('first')
const second = new Secret('second')

describe('mergePatches', () => {
  it('makes of nothing a patch that changes nothing', () => {
    expect(Object.values(mergePatches([])).flatMap((member) => Object.keys(member))).toEqual([])
  })

  it('gives one patch alone the members that it lacks', () => {
    expect(mergePatches([{ setQuery: { a: first } }])).toEqual({
      removeHeaders: [],
      setHeaders: {},
      removeQuery: [],
      setQuery: { a: first },
      removeCookies: [],
      setCookies: {},
      removeBody: [],
      setBody: [],
    })
  })

  it.each(['setHeaders', 'setQuery', 'setCookies'] as const)(
    'keeps what different names are set to by %s',
    (member) => {
      const merged = mergePatches([
        { [member]: { a: first, b: first } },
        { [member]: { c: second } },
      ])
      expect(Object.entries(merged[member])).toEqual([
        ['a', first],
        ['b', first],
        ['c', second],
      ])
    },
  )

  it.each([
    ['setHeaders', 'X-Token', 'x-token', 'x-token'],
    ['setHeaders', 'x_token', 'X-Token', 'x-token'],
    ['setQuery', 'Token', 'token', 'token'],
    ['setCookies', 'token', 'Token', 'Token'],
  ] as const)('lets the later of two %s win', (member, one, other, expected) => {
    const merged = mergePatches([{ [member]: { [one]: first } }, { [member]: { [other]: second } }])
    expect(Object.keys(merged[member])).toEqual([expected])
    expect(merged[member][expected]).toBe(second)
  })

  it('lets the later value of a place in the body win', () => {
    const token = { kind: 'pointer', segments: ['a/b'] } as const
    const other = { kind: 'pointer', segments: ['a', 'b'] } as const
    const field = { kind: 'field', name: 'a' } as const
    const merged = mergePatches([
      { setBody: [token, other, field].map((place) => ({ place, value: first })) },
      { setBody: [{ place: token, value: second }] },
    ])
    expect(merged.setBody).toEqual([
      { place: token, value: second },
      { place: other, value: first },
      { place: field, value: first },
    ])
    expect(merged.setBody[0]?.value).toBe(second)
  })

  it('takes form fields that differ in case for one place', () => {
    const merged = mergePatches([
      { setBody: [{ place: { kind: 'field', name: 'Token' }, value: first }] },
      { setBody: [{ place: { kind: 'field', name: 'token' }, value: second }] },
    ])
    expect(merged.setBody).toEqual([{ place: { kind: 'field', name: 'token' }, value: second }])
    const apart = ['a', 'b'].map((name) => ({
      place: { kind: 'field', name } as const,
      value: first,
    }))
    expect(mergePatches([{ setBody: apart }, {}]).setBody).toEqual(apart)
  })

  it('takes members of JSON that differ in case for one place', () => {
    const place = { kind: 'pointer', segments: ['auth', 'token'] } as const
    const merged = mergePatches([
      { setBody: [{ place: { kind: 'pointer', segments: ['Auth', 'TOKEN'] }, value: first }] },
      { setBody: [{ place, value: second }] },
    ])
    expect(merged.setBody).toEqual([{ place, value: second }])
  })

  it('takes a form field for no member of JSON, however it is named', () => {
    const places = [
      { kind: 'pointer', segments: ['a'] },
      { kind: 'field', name: '["a"]' },
    ] as const
    const merged = mergePatches([{ setBody: places.map((place) => ({ place, value: first })) }])
    expect(merged.setBody).toHaveLength(2)
  })

  it('adds removals up, and keeps what is set although a later patch clears it', () => {
    const place = { kind: 'field', name: 'a' } as const
    const merged = mergePatches([
      { removeHeaders: ['x-a'], setHeaders: { 'x-a': first }, removeQuery: ['q'] },
      { removeHeaders: ['X-A', 'x-b'], removeCookies: ['c'], removeBody: [place] },
    ])
    expect(new Set(merged.removeHeaders)).toEqual(new Set(['x-a', 'x-b']))
    expect(merged.setHeaders['x-a']).toBe(first)
    expect(merged.removeQuery).toEqual(['q'])
    expect(merged.removeCookies).toEqual(['c'])
    expect(merged.removeBody).toEqual([place])
  })

  it('takes __proto__ for a name like any other', () => {
    const merged = mergePatches([{ setQuery: { ['__proto__']: first } }])
    expect(Object.keys(merged.setQuery)).toEqual(['__proto__'])
  })
})
