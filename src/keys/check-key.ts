import type { KeyObject } from 'node:crypto'
import { type AlgorithmName, algorithmsFor, algorithm as specOf } from './algorithms.ts'
import type { Report } from './key-material.ts'

/** Bits of an RSA modulus: below is weak (RFC 7518 section 3.3), above a signature takes too long. */
const RSA_BITS = { minimum: 2048, maximum: 8192 }

/** Reports what makes a key unfit for an algorithm, or weak; `allowWeak` turns weakness of size into a warning. */
export function checkKey(
  key: KeyObject,
  name: AlgorithmName,
  allowWeak: boolean,
  report: Report,
): void {
  const spec = specOf(name)
  const found = keyTypeOf(key)
  if (found !== spec.keyType) {
    const fitting = algorithmsFor(found)
    report({
      severity: 'error',
      rule: 'key/mismatch',
      message: `expected ${spec.keyType} for ${name}, found ${found}`,
      hint:
        fitting.length > 0
          ? `this key fits ${fitting.join(', ')}`
          : 'keys that fit an algorithm are RSA, EC P-256, P-384 and P-521, Ed25519, and secrets',
    })
    return
  }
  if (spec.family === 'HMAC') checkSecret(key, name, spec.minimumSecretBytes, allowWeak, report)
  if (spec.keyType === 'RSA') checkRsa(key, allowWeak, report)
}

// In the words of the algorithm table, or a name that stands in no row of it.
function keyTypeOf(key: KeyObject): string {
  if (key.type === 'secret') return 'HMAC secret'
  const type = key.asymmetricKeyType ?? 'unknown'
  if (type !== 'ec') return TYPE_NAMES[type] ?? type
  const curve = key.asymmetricKeyDetails?.namedCurve ?? 'without a named curve'
  return `EC ${CURVE_NAMES[curve] ?? curve}`
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  // Such a key fixes its own hash and salt; RFC 7518 knows only plain RSA keys.
  'rsa-pss': 'RSASSA-PSS (id-RSASSA-PSS)',
  ed25519: 'Ed25519',
}

const CURVE_NAMES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

function checkSecret(
  key: KeyObject,
  name: AlgorithmName,
  minimum: number,
  allowWeak: boolean,
  report: Report,
): void {
  const bytes = key.export()
  if (bytes.every((byte) => byte === bytes[0])) {
    report({
      severity: 'error',
      rule: 'key/weak',
      message: 'expected a random secret, found the same byte throughout',
      hint: 'make one with `openssl rand -base64 48`',
    })
  } else if (bytes.length < minimum) {
    report({
      severity: allowWeak ? 'warning' : 'error',
      rule: 'key/weak',
      message: `expected a secret of at least ${minimum} bytes for ${name} (RFC 7518 section 3.2)`,
      hint: `make one with \`openssl rand -base64 ${minimum}\`${allowWeak ? '' : OVERRIDE}`,
    })
  }
}

function checkRsa(key: KeyObject, allowWeak: boolean, report: Report): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < RSA_BITS.minimum) {
    report({
      severity: allowWeak ? 'warning' : 'error',
      rule: 'key/weak',
      message: `expected an RSA key of at least ${RSA_BITS.minimum} bits, found ${modulusLength} (RFC 7518 section 3.3)`,
      hint: `make a larger one${allowWeak ? '' : OVERRIDE}`,
    })
  }
  if (modulusLength > RSA_BITS.maximum) {
    report({
      severity: 'error',
      rule: 'key/too-large',
      message: `expected an RSA key of at most ${RSA_BITS.maximum} bits, found ${modulusLength}`,
      hint: 'each signature would take tens of milliseconds: use 3072 or 4096 bits, or ES256',
    })
  }
  if (publicExponent !== 65537n) {
    report({
      severity: publicExponent < 65537n ? 'error' : 'warning',
      rule: 'key/weak',
      message: 'expected an RSA key with the public exponent 65537',
      hint: 'make a new key: tools choose 65537 by themselves',
    })
  }
}

const OVERRIDE = ', or accept it with allowWeakKey: true'
