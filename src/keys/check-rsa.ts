import type { KeyObject } from 'node:crypto'
import type { Fault } from '../kind.ts'
import { RSA_BITS } from './algorithms.ts'
import type { Report } from './report.ts'

/** What differs between RSA keys that sign and those that encrypt. */
export interface RsaUse {
  /** Of RFC 7518. */
  readonly section: '3.3' | '4.3'
  /** How severe a key of too few bits is. */
  readonly small: Fault['severity']
  /** What to do about a key that is small, large, or of another exponent. */
  readonly hints: { readonly small: string; readonly large: string; readonly exponent: string }
}

/** Reports the size and the public exponent of an RSA key as far as they are unfit or weak. */
export function checkRsa({ asymmetricKeyDetails }: KeyObject, use: RsaUse, report: Report): void {
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {}
  if (modulusLength < RSA_BITS.least) {
    report({
      severity: use.small,
      rule: 'key/weak',
      message: `expected an RSA key of at least ${RSA_BITS.least} bits, found ${modulusLength} (RFC 7518 section ${use.section})`,
      hint: use.hints.small,
    })
  }
  if (modulusLength > RSA_BITS.most) {
    report({
      severity: 'error',
      rule: 'key/too-large',
      message: `expected an RSA key of at most ${RSA_BITS.most} bits, found ${modulusLength}`,
      hint: use.hints.large,
    })
  }
  if (publicExponent !== 65537n) {
    report({
      severity: publicExponent < 65537n ? 'error' : 'warning',
      rule: 'key/weak',
      message: 'expected an RSA key with the public exponent 65537',
      hint: use.hints.exponent,
    })
  }
}
