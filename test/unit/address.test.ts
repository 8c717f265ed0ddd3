import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../src/address.ts'

describe('an address', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
  ])('is read from %s and written the same', (text, address) => {
    expect(parseAddress(text)).toEqual(address)
    expect(formatAddress(address)).toBe(text)
  })

  it.each(['', '8080', ':8080', 'localhost', '::1:80', '127.0.0.1:65536', 'a:b', 'a b:1', 'off'])(
    'is not %j',
    (text) => {
      expect(parseAddress(text)).toBeUndefined()
    },
  )
})
