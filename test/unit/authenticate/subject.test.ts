import { describe, expect, it } from 'vitest'
import { hasSubject, parseSubject } from '../../../src/authenticate/subject.ts'

const parsed = (text: string) => {
  const wanted = parseSubject(text)
  return wanted && Object.fromEntries(wanted)
}

describe('parseSubject', () => {
  it.each([
    ['CN=orders', { cn: 'orders' }],
    ['CN=orders,O=acme', { cn: 'orders', o: 'acme' }],
    [' cn = orders , o = acme ', { cn: 'orders', o: 'acme' }],
    ['CN=orders+O=acme', { cn: 'orders', o: 'acme' }],
    ['O=acme\\, Inc.', { o: 'acme, Inc.' }],
    ['O=a\\=b\\+c', { o: 'a=b+c' }],
    ['O=a=b', { o: 'a=b' }],
    ['CN=b\\c3\\bccher', { cn: 'bücher' }],
    ['CN=a\\\\41', { cn: 'a\\41' }],
    ['2.5.4.3=orders', { '2.5.4.3': 'orders' }],
  ])('reads %s', (text, wanted) => {
    expect(parsed(text)).toEqual(wanted)
  })

  it.each([
    '',
    'orders',
    'CN=',
    '=orders',
    'CN=a,',
    'CN=a,,O=b',
    'CN=a,cn=b',
    'CN=a\\',
    'CN="a, b"',
    'CN=#0c01',
    'CN=a<b',
  ])('takes nothing else: %s', (text) => {
    expect(parseSubject(text)).toBeUndefined()
  })
})

describe('hasSubject', () => {
  it.each([
    ['every attribute', { CN: 'orders', O: 'acme', C: 'CH' }, true],
    ['a type in other letters', { cn: 'orders', o: 'acme' }, true],
    ['one attribute', { CN: 'orders' }, false],
    ['another value', { CN: 'orders', O: 'Acme' }, false],
    ['two types that differ in case', { CN: 'orders', O: 'acme', o: 'acme' }, false],
    ['an attribute twice', { CN: ['orders', 'orders'], O: 'acme' }, false],
  ])('is decided by a subject with %s', (_what, subject, has) => {
    const wanted = new Map([
      ['cn', 'orders'],
      ['o', 'acme'],
    ])
    expect(hasSubject(subject, wanted)).toBe(has)
  })
})
