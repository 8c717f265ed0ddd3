import type { PKCS11 } from 'pkcs11js'
import { describe, expect, it } from 'vitest'
import type { Cryptoki } from '../../../../src/keys/remote/pkcs11-library.ts'
import { publicKeyOf } from '../../../../src/keys/remote/pkcs11-public-key.ts'
import { type Curve, ecKeys, ed25519Keys, rsaKeys } from '../../../support/keys.ts'

// The forms that other tokens than SoftHSM give: an object is the values of its attributes.
const CRYPTOKI = { CKA_MODULUS: 1, CKA_PUBLIC_EXPONENT: 2, CKA_EC_PARAMS: 3, CKA_EC_POINT: 4 }
type Attributes = Readonly<Partial<Record<keyof typeof CRYPTOKI, Buffer>>>

function read(object: Attributes) {
  const values = new Map(
    Object.entries(object).map(([name, value]) => [CRYPTOKI[name as keyof Attributes], value]),
  )
  const library = {
    C_GetAttributeValue: (_: unknown, __: unknown, template: readonly { type: number }[]) =>
      template.map(({ type }) => {
        if (!values.has(type)) throw new Error('CKR_ATTRIBUTE_TYPE_INVALID:18')
        return { type, value: values.get(type) }
      }),
  } as unknown as PKCS11
  const session = { library, handle: Buffer.alloc(8), life: 1 }
  return publicKeyOf(CRYPTOKI as unknown as Cryptoki, session, Buffer.alloc(8))
}

const OID: Readonly<Partial<Record<Curve, string>>> = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023',
  secp256k1: '06052b8104000a',
}

function ecObject(curve: Curve, wrap: (point: Buffer) => Buffer): Attributes {
  const { x = '', y = '' } = ecKeys(curve).publicJwk
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ])
  return { CKA_EC_PARAMS: Buffer.from(OID[curve]!, 'hex'), CKA_EC_POINT: wrap(point) }
}

function octetString(bytes: Buffer): Buffer {
  const length = bytes.length < 128 ? [bytes.length] : [0x81, bytes.length]
  return Buffer.concat([Buffer.of(0x04, ...length), bytes])
}

describe('the public key of PKCS#11 attributes', () => {
  it.each<Curve>(['P-256', 'P-384', 'P-521'])(
    'is read of a %s point in an octet string',
    (curve) => {
      expect(read(ecObject(curve, octetString))?.equals(ecKeys(curve).publicKey)).toBe(true)
    },
  )

  it.each<Curve>(['P-256', 'P-384', 'P-521'])('is read of a bare %s point', (curve) => {
    expect(read(ecObject(curve, (point) => point))?.equals(ecKeys(curve).publicKey)).toBe(true)
  })

  it.each([
    ['an identifier', '06032b6570'],
    ['a name', '130c656477617264733235353139'],
  ])('is read of an Ed25519 key whose curve is given as %s', (_, params) => {
    const point = Buffer.from(ed25519Keys().publicJwk.x!, 'base64url')
    const object = { CKA_EC_PARAMS: Buffer.from(params, 'hex'), CKA_EC_POINT: octetString(point) }
    expect(read(object)?.equals(ed25519Keys().publicKey)).toBe(true)
  })

  it('is read of a modulus with a leading zero', () => {
    const { n = '', e = '' } = rsaKeys().publicJwk
    const object = {
      CKA_MODULUS: Buffer.concat([Buffer.of(0), Buffer.from(n, 'base64url')]),
      CKA_PUBLIC_EXPONENT: Buffer.from(e, 'base64url'),
    }
    expect(read(object)?.export({ format: 'jwk' })).toMatchObject({ n, e })
  })

  it.each<[string, Attributes]>([
    ['a curve that JWS does not know', ecObject('secp256k1', octetString)],
    ['a compressed point', ecObject('P-256', (point) => octetString(point.subarray(0, 33)))],
    [
      'a point of another curve',
      { ...ecObject('P-256', octetString), CKA_EC_PARAMS: Buffer.from(OID['P-384']!, 'hex') },
    ],
    ['attributes that are not there', {}],
    [
      'attributes that are empty',
      { CKA_MODULUS: Buffer.alloc(0), CKA_PUBLIC_EXPONENT: Buffer.alloc(0) },
    ],
  ])('is not made of %s', (_, object) => {
    expect(read(object)).toBeUndefined()
  })
})
