import { describe, expect, it } from 'vitest'
import { type Assembly, parsePointer, put } from '../../../src/claims/claim-path.ts'

describe('a JSON pointer', () => {
  it.each<[string, string[]]>([
    ['/a', ['a']],
    ['/a/b/c', ['a', 'b', 'c']],
    ['/a~1b', ['a/b']],
    ['/a~0b', ['a~b']],
    ['/~01', ['~1']],
    ['/list/0', ['list', '0']],
    ['/https:~1~1x.example~1roles/admin', ['https://x.example/roles', 'admin']],
    ['/__proto__/x', ['__proto__', 'x']],
  ])('%s leads over %j', (text, path) => {
    expect(parsePointer(text)).toEqual(path)
  })

  it.each(['', 'a', 'a/b', '/', '//', '/a/', '//a', '/a//b', '/a~', '/a~2'])(
    'is not %j',
    (text) => {
      expect(parsePointer(text)).toBeUndefined()
    },
  )
})

describe('a member that is put at its path', () => {
  const all = (...paths: string[]) => {
    const assembly: Assembly = { result: {} }
    const done = paths.map((path, index) => put(assembly, parsePointer(path) ?? [], index))
    return { done, result: assembly.result }
  }

  it('stands beside others in the objects on its way', () => {
    const { done, result } = all('/a/b', '/a/c/d', '/e', '/a/c/0')
    expect(done).toEqual([true, true, true, true])
    expect(result).toEqual({ a: { b: 0, c: { d: 1, 0: 3 } }, e: 2 })
  })

  it.each([
    ['/a', '/a'],
    ['/a/b', '/a/b'],
    ['/a', '/a/b'],
    ['/a/b', '/a'],
    ['/a/b', '/a/b/c'],
    ['/a/b/c', '/a/b'],
  ])('%s is in the way of %s', (first, second) => {
    expect(all(first, second).done).toEqual([true, false])
  })

  it('does not get into an object that was written whole', () => {
    const assembly: Assembly = { result: {} }
    const written = { b: 1 }
    put(assembly, ['a'], written)
    expect(put(assembly, ['a', 'c'], 2)).toBe(false)
    expect(written).toEqual({ b: 1 })
  })

  it('takes __proto__, constructor and toString for names like any other', () => {
    const { done, result } = all('/__proto__/x', '/constructor/prototype/x', '/toString')
    expect(done).toEqual([true, true, true])
    expect(JSON.stringify(result)).toBe(
      '{"__proto__":{"x":0},"constructor":{"prototype":{"x":1}},"toString":2}',
    )
    expect(({} as { x?: number }).x).toBeUndefined()
  })

  it('is a property like any other under __proto__, too', () => {
    const { result } = all('/__proto__', '/plain')
    const { plain, ['__proto__']: proto } = Object.getOwnPropertyDescriptors(result)
    expect([proto, plain]).toEqual([
      { value: 0, enumerable: true, configurable: true, writable: true },
      { value: 1, enumerable: true, configurable: true, writable: true },
    ])
  })
})
