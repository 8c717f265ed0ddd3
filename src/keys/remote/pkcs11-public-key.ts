import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Handle } from 'pkcs11js'
import { type Cryptoki, resultOf } from './pkcs11-library.ts'
import type { Session } from './pkcs11-token.ts'

/**
 * The public key that the attributes of an object tell: of a public key, or of a private one as far as the token
 * gives them. Undefined when they do not.
 */
export function publicKeyOf(
  cryptoki: Cryptoki,
  session: Session,
  object: Handle,
): KeyObject | undefined {
  const { CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT } = cryptoki
  const [n, e] = attributes(session, object, [CKA_MODULUS, CKA_PUBLIC_EXPONENT])
  if (n && e) return fromJwk({ kty: 'RSA', n: integer(n), e: integer(e) })
  const [params, point] = attributes(session, object, [CKA_EC_PARAMS, CKA_EC_POINT])
  if (params && point) return fromPoint(params, point)
  return undefined
}

/** The public key of a certificate object. */
export function certifiedKeyOf(
  cryptoki: Cryptoki,
  session: Session,
  object: Handle,
): KeyObject | undefined {
  const [der] = attributes(session, object, [cryptoki.CKA_VALUE])
  return der && new X509Certificate(der).publicKey
}

/** Values of attributes; none when the object does not have or does not tell all of them. */
export function attributes(
  { library, handle }: Session,
  object: Handle,
  types: readonly number[],
): readonly Buffer[] {
  try {
    const found = library.C_GetAttributeValue(
      handle,
      object,
      types.map((type) => ({ type })),
    )
    return found.flatMap(({ value }) => (Buffer.isBuffer(value) && value.length > 0 ? [value] : []))
  } catch (error) {
    if (resultOf(error)?.startsWith('CKR_ATTRIBUTE_')) return []
    throw error
  }
}

/** By the DER of `CKA_EC_PARAMS`, an object identifier or, for Ed25519, the name: JWK members and coordinate size. */
const CURVES: Readonly<Record<string, { kty: string; crv: string; size: number }>> = {
  '06082a8648ce3d030107': { kty: 'EC', crv: 'P-256', size: 32 },
  '06052b81040022': { kty: 'EC', crv: 'P-384', size: 48 },
  '06052b81040023': { kty: 'EC', crv: 'P-521', size: 66 },
  '06032b6570': { kty: 'OKP', crv: 'Ed25519', size: 32 },
  '130c656477617264733235353139': { kty: 'OKP', crv: 'Ed25519', size: 32 },
}

// `CKA_EC_POINT` is the DER of an octet string (tag, one or two bytes of length) around the point; some tokens give
// the point alone.
function fromPoint(params: Buffer, value: Buffer): KeyObject | undefined {
  const curve = CURVES[params.toString('hex')]
  if (!curve) return undefined
  const { kty, crv, size } = curve
  const length = kty === 'EC' ? 1 + 2 * size : size
  const point = value.subarray(-length)
  if (![0, 2, 3].includes(value.length - length)) return undefined
  if (kty === 'OKP') return fromJwk({ kty, crv, x: point.toString('base64url') })
  if (point[0] !== 0x04) return undefined // not uncompressed (SEC 1 section 2.3.3)
  return fromJwk({
    kty,
    crv,
    x: point.toString('base64url', 1, 1 + size),
    y: point.toString('base64url', 1 + size),
  })
}

function fromJwk(key: Readonly<Record<string, string>>): KeyObject {
  return createPublicKey({ key, format: 'jwk' })
}

// Without leading zeros (RFC 7518 section 2, Base64urlUInt).
function integer(bytes: Buffer): string {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString('base64url')
}
