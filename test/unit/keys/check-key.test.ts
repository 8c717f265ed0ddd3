import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkKey } from '../../../src/keys/check-key.ts'
import type { Fault } from '../../../src/kind.ts'

/** An RSA key of this size with any modulus: making a real pair of 16384 bits takes minutes. */
function rsaOf(bits: number, exponent = 65537): KeyObject {
  const modulus = randomBytes(bits / 8)
  modulus[0]! |= 0x80
  modulus[modulus.length - 1]! |= 1
  const e = Buffer.from(exponent.toString(16).padStart(8, '0'), 'hex').toString('base64url')
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e }
  return createPublicKey({ key: jwk, format: 'jwk' })
}

function check(key: KeyObject, allowWeak = false): [Fault['severity'], string][] {
  const faults: [Fault['severity'], string][] = []
  checkKey(key, 'RS256', allowWeak, ({ severity, rule }) => faults.push([severity, rule]))
  return faults
}

describe('T085 checkKey for RSA', () => {
  it.each([
    [1024, [['error', 'key/weak']]],
    [2040, [['error', 'key/weak']]],
    [2048, []],
    [8192, []],
    [8200, [['error', 'key/too-large']]],
    [16384, [['error', 'key/too-large']]],
  ])('of %i bits reports %j', (bits, faults) => {
    expect(check(rsaOf(bits))).toEqual(faults)
  })

  it.each([
    [3, [['error', 'key/weak']]],
    [17, [['error', 'key/weak']]],
    [65537, []],
    [65539, [['warning', 'key/weak']]],
  ])('with the exponent %i reports %j', (exponent, faults) => {
    expect(check(rsaOf(2048, exponent))).toEqual(faults)
  })

  it('accepts neither a small exponent nor too many bits with allowWeakKey', () => {
    expect(check(rsaOf(2048, 3), true)).toEqual([['error', 'key/weak']])
    expect(check(rsaOf(16384), true)).toEqual([['error', 'key/too-large']])
  })
})
