import { describe, expect, it } from 'vitest'
import { addressFlag, addressOrOffFlag } from '../../src/cli/address-flag.ts'
import { onThisMachine } from '../../src/cli/listen.ts'

describe('an address on the command line', () => {
  it('is read from a flag', () => {
    expect(addressFlag('[::1]:80')).toEqual({ host: '::1', port: 80 })
    expect(() => addressFlag('8080')).toThrow('expected HOST:PORT')
  })

  it('may be off where that is allowed', () => {
    expect(addressOrOffFlag('off')).toBe('off')
    expect(() => addressOrOffFlag('on')).toThrow('expected HOST:PORT or off')
  })

  it.each([
    ['http://0.0.0.0:8080/', 'http://127.0.0.1:8080/'],
    ['http://[::]:8080/', 'http://[::1]:8080/'],
    ['http://127.0.0.2:8080/', 'http://127.0.0.2:8080/'],
  ])('%s is asked at %s', (bound, asked) => {
    expect(onThisMachine(new URL(bound)).href).toBe(asked)
  })
})
