import { describe, expect, it } from 'vitest'
import { wrongChoice } from '../../../src/keys/index.ts'

describe('wrongChoice', () => {
  it.each([
    ['RS256', { bits: 2048 }],
    ['PS512', { bits: 8192 }],
    ['ES256', { curve: 'P-256' }],
    ['ES384', { curve: 'P-384' }],
    ['ES512', { curve: 'P-521' }],
    ['EdDSA', { curve: 'Ed25519' }],
    ['HS256', { secretBytes: 32 }],
    ['HS512', { secretBytes: 1024 }],
    ['EdDSA', {}],
  ] as const)('finds nothing wrong for %s with %j', (name, choice) => {
    expect(wrongChoice(name, choice)).toBeUndefined()
  })

  it.each([
    ['RS256', { bits: 2047 }, '2048 to 8192 bits'],
    ['RS256', { bits: 8193 }, '2048 to 8192 bits'],
    ['ES256', { bits: 2048 }, 'expected no bits'],
    ['HS256', { bits: 2048 }, 'expected no bits'],
    ['ES256', { curve: 'P-384' }, 'expected the curve P-256'],
    ['EdDSA', { curve: 'Ed448' }, 'expected the curve Ed25519'],
    ['RS256', { curve: 'P-256' }, 'expected no curve'],
    ['HS256', { secretBytes: 31 }, '32 to 1024 bytes'],
    ['HS384', { secretBytes: 47 }, '48 to 1024 bytes'],
    ['HS512', { secretBytes: 1025 }, '64 to 1024 bytes'],
    ['RS256', { secretBytes: 64 }, 'expected no size of a secret'],
  ] as const)('says what is wrong for %s with %j', (name, choice, says) => {
    expect(wrongChoice(name, choice)).toContain(says)
  })
})
