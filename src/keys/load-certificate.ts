import type { KeyObject, X509Certificate } from 'node:crypto'
import type { Scope } from '../kind.ts'
import { certify, type KeyCertificate, readCertificates } from './certificate.ts'
import type { KeyUse } from './key-config.ts'
import type { KeyMaterialConfig } from './key-source.ts'
import type { Report } from './report.ts'

/** Where the certificate of a key may be. */
export interface CertificateOrigin {
  /** `certificate` as written; it wins. */
  readonly written: KeyMaterialConfig | undefined
  /** What stood beside the key, leaf first. */
  readonly beside: readonly X509Certificate[]
  /** Absent for a secret, which has no certificate. */
  readonly publicKey: KeyObject | undefined
}

/**
 * Reads and checks the certificate of a key; undefined when there is none, or after an error was reported: to
 * `scope` (that of the key) what is wrong with `certificate`, to `report` what is wrong beside the key.
 */
export async function loadCertificate(
  { written, beside, publicKey }: CertificateOrigin,
  use: KeyUse,
  scope: Scope,
  report: Report,
): Promise<KeyCertificate | undefined> {
  const tell: Report =
    written === undefined ? report : (fault) => scope.report(['certificate'], fault)
  if (written !== undefined && publicKey === undefined) {
    tell({
      severity: 'error',
      rule: 'key/certificate',
      message: 'expected no certificate: a secret has none',
      hint: 'leave it out, or sign with RS, PS, ES or EdDSA',
    })
  }
  if (publicKey === undefined) return undefined
  const chain =
    written === undefined ? beside : await readCertificates(written, scope.at('certificate'))
  if (chain === undefined || chain.length === 0) return undefined
  const certificate = certify(chain, publicKey, tell)
  if (certificate) checkDates(certificate, use, scope, tell)
  return certificate
}

/**
 * A start is refused; a reload is not, since what serves would be as old: the signer refuses then. What is only
 * published may not be valid yet, or no longer.
 */
function checkDates(
  { validFrom, validTo }: KeyCertificate,
  use: KeyUse,
  { environment, serving }: Scope,
  report: Report,
): void {
  const now = environment.now()
  const isEarly = now < validFrom && use === 'sign'
  const isLate = now > validTo && use !== 'retired'
  if (!isEarly && !isLate) return
  const date = new Date(isLate ? validTo : validFrom).toISOString()
  report({
    severity: serving || use !== 'sign' ? 'warning' : 'error',
    rule: 'key/certificate',
    message: `expected a certificate that is valid now, found one ${isLate ? 'that expired' : 'not valid before'} ${date}`,
    hint: `renew it, or correct the clock${serving && use === 'sign' ? ': requests that need this key are refused' : ''}`,
  })
}
