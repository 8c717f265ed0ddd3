import { type AlgorithmName, type KeyKind, RSA_BITS, algorithm as specOf } from './algorithms.ts'

/** What may be chosen of a new key, as far as its algorithm leaves a choice. */
export interface KeyChoice {
  /** Bits of an RSA modulus, 2048 to 8192. Default 2048. */
  readonly bits?: number | undefined
  /** The curve; an algorithm has one at most, and only that will do. */
  readonly curve?: string | undefined
  /** Random bytes of an HMAC secret, from the size of the hash to 1024. Default 64. */
  readonly secretBytes?: number | undefined
}

/** What stands where nothing is chosen. */
export const USUAL_CHOICE = { bits: 2048, secretBytes: 64 } as const satisfies KeyChoice

/** What is wrong with a choice for an algorithm, in words; undefined when nothing is. */
export function wrongChoice(name: AlgorithmName, choice: KeyChoice): string | undefined {
  const { bits, curve, secretBytes } = choice
  const spec = specOf(name)
  if (bits !== undefined) {
    if (spec.keyKind !== 'RSA') return `expected no bits: ${name} has no choice of size`
    if (!isBetween(bits, RSA_BITS)) return `expected an RSA key of ${range(RSA_BITS)} bits`
  }
  if (curve !== undefined) {
    const own = CURVES[spec.keyKind]
    if (own === undefined) return `expected no curve: ${name} has none`
    if (curve !== own) return `expected the curve ${own}: no other fits ${name}`
  }
  if (secretBytes !== undefined) {
    if (spec.family !== 'HMAC') return `expected no size of a secret: ${name} signs with a key pair`
    const bytes = { least: spec.minimumSecretBytes, most: 1024 }
    if (!isBetween(secretBytes, bytes)) {
      return `expected a secret of ${range(bytes)} bytes for ${name} (RFC 7518 section 3.2)`
    }
  }
  return undefined
}

interface Range {
  readonly least: number
  readonly most: number
}

const CURVES: Readonly<Partial<Record<KeyKind, string>>> = {
  'EC P-256': 'P-256',
  'EC P-384': 'P-384',
  'EC P-521': 'P-521',
  Ed25519: 'Ed25519',
}

function isBetween(number: number, { least, most }: Range): boolean {
  return number >= least && number <= most
}

function range({ least, most }: Range): string {
  return `${least} to ${most}`
}
