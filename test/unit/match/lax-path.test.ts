import { expect, it } from 'vitest'
import { laxPath, laxSegments } from '../../../src/match/index.ts'

it.each([
  ['/admin', '/admin'],
  ['/admin;x=1', '/admin'],
  ['/admin;/x', '/admin/x'],
  ['/admin%3Bx', '/admin'],
  ['/admin%20', '/admin'],
  ['/admin%09/', '/admin/'],
  ['/admin.', '/admin'],
  ['/ADMIN/Users', '/admin/users'],
  ['/%e2%82%ac', '/€'],
  ['/a%ff%41', '/a%ffa'],
  ['/', '/'],
])('reads %s as %s', (path, read) => {
  expect(laxPath(path)).toBe(read)
})

it('reads the texts of a pattern alike, and leaves its names', () => {
  expect(laxSegments(['Users', { name: 'Id' }])).toEqual(['users', { name: 'Id' }])
})
