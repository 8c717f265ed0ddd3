import type { KeyObject } from 'node:crypto'
import { type AlgorithmName, algorithmsFor, algorithm as specOf } from './algorithms.ts'
import { checkRsa } from './check-rsa.ts'
import { curveName } from './curves.ts'
import { guessFault, guessSecret } from './guess-secret.ts'
import { type Report, refusing } from './report.ts'

/** Reports what makes a key unfit for an algorithm, or weak; `allowWeak` turns weakness of size into a warning. */
export function checkKey(
  key: KeyObject,
  name: AlgorithmName,
  allowWeak: boolean,
  report: Report,
): void {
  const spec = specOf(name)
  const found = keyKindOf(key)
  if (found !== spec.keyKind) {
    const fitting = algorithmsFor(found)
    refusing(report)(
      'key/mismatch',
      `expected ${spec.keyKind} for ${name}, found ${found}`,
      fitting.length > 0
        ? `this key fits ${fitting.join(', ')}`
        : 'keys that fit an algorithm are RSA, EC P-256, P-384 and P-521, Ed25519, and secrets',
    )
    return
  }
  const small = {
    severity: allowWeak ? 'warning' : 'error',
    hint: allowWeak ? '' : OVERRIDE,
  } as const
  if (spec.family === 'HMAC') {
    checkSecret(key, name, spec.minimumSecretBytes, small, report)
  } else if (spec.keyKind === 'RSA') {
    const hints = {
      small: `make a larger one with \`countersign keygen ${name}\`${small.hint}`,
      large: 'each signature would take tens of milliseconds: use 3072 or 4096 bits, or ES256',
      exponent: `make a new key with \`countersign keygen ${name}\`: tools choose 65537 by themselves`,
    }
    checkRsa(key, { section: '3.3', small: small.severity, hints }, report)
  }
}

// In the words of the algorithm table, or a name that stands in no row of it.
function keyKindOf(key: KeyObject): string {
  if (key.type === 'secret') return 'HMAC secret'
  const type = key.asymmetricKeyType ?? 'unknown'
  if (type !== 'ec') return KINDS[type] ?? type
  return `EC ${curveName(key.asymmetricKeyDetails?.namedCurve ?? 'without a named curve')}`
}

const KINDS: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  // Such a key fixes its own hash and salt; RFC 7518 knows only plain RSA keys.
  'rsa-pss': 'RSASSA-PSS (id-RSASSA-PSS)',
  ed25519: 'Ed25519',
}

function checkSecret(
  key: KeyObject,
  name: AlgorithmName,
  minimum: number,
  small: { readonly severity: 'warning' | 'error'; readonly hint: string },
  report: Report,
): void {
  const make = (bytes: number) =>
    `make one with \`countersign keygen ${name}\` or \`openssl rand -base64 ${bytes}\``
  const bytes = key.export()
  const guess = guessSecret(bytes)
  if (bytes.length < minimum && guess?.severity !== 'error') {
    report({
      severity: small.severity,
      rule: 'key/weak',
      message: `expected a secret of at least ${minimum} bytes for ${name} (RFC 7518 section 3.2)`,
      hint: `${make(minimum)}${small.hint}`,
    })
  } else if (guess !== undefined) {
    report(guessFault(guess, make(48)))
  }
}

const OVERRIDE = ', or accept it with allowWeakKey: true'
