import { describe, expect, it } from 'vitest'
import { cutFiles, endOf, type FileEnds } from '../../../src/config/file-end.ts'

const ends = (text: string): FileEnds => {
  const end = endOf('p.yaml', Buffer.from(text))
  return end ? new Map([['p.yaml', end]]) : new Map()
}

describe('the end of a file', () => {
  it.each([
    ['a: 1\n...\n', 'marker', 2],
    ['a: 1\n...', 'marker', 1],
    ['a: 1\r\n...\r\n\r\n', 'marker', 3],
    ['a: 1\n', 'line', 1],
    ['a: 1\nb: ...\n', 'line', 2],
    ['a: 1\nb', 'open', 2],
    ['', 'open', 1],
  ])('of %j is %s', (text, kind, line) => {
    expect(endOf('a/p.yml', Buffer.from(text))).toEqual({ kind, line })
  })

  it.each(['key.pem', 'users.htpasswd', 'yaml'])('means nothing in %s', (path) => {
    expect(endOf(path, Buffer.from('a\n'))).toBeUndefined()
  })

  it.each([
    ['a: 1\nb: 2\n', 'a: 1\nb', 2],
    ['a: 1\n...\n', 'a: 1\n', 1],
    ['a: 1\n', 'other: 12', 1],
  ])('that was %j is missed in %j', (before, now, line) => {
    expect(cutFiles(ends(before), ends(now))).toMatchObject([
      { file: 'p.yaml', line, severity: 'error', rule: 'file/cut' },
    ])
  })

  it.each([
    ['a: 1', 'b'],
    ['a: 1', 'b\n'],
    ['a: 1\n', 'b\n'],
    ['a: 1\n', 'b\n...\n'],
  ])('that was %j may be that of %j', (before, now) => {
    expect(cutFiles(ends(before), ends(now))).toEqual([])
  })

  it('is not missed in a file that is new', () => {
    expect(cutFiles(new Map(), ends('a'))).toEqual([])
  })
})
