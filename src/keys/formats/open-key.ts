import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import { type Report, refusing } from '../report.ts'
import { decodeBase64 } from './base64.ts'
import { checkDerivation } from './derivation.ts'

/** A private key as text or bytes, which a passphrase may be needed for. */
export interface LockedKey {
  readonly key: string | Buffer
  readonly format: 'pem' | 'der'
  readonly type?: 'pkcs1' | 'pkcs8' | 'sec1'
  readonly isEncrypted: boolean
}

/** The private key that a text or DER holds, opened with the passphrase; undefined after an error was reported. */
export function openKey(
  { isEncrypted, ...input }: LockedKey,
  passphrase: Secret | undefined,
  report: Report,
): KeyObject | undefined {
  if (isEncrypted && passphrase === undefined) {
    reportLocked(report)
    return undefined
  }
  if (isEncrypted && !checkDerivation(bytesOf(input.key), 'pkcs8', report)) return undefined
  try {
    const key = createPrivateKey({
      ...(input as PrivateKeyInput),
      ...(isEncrypted && { passphrase: passphrase?.reveal() ?? '' }),
    })
    if (!isEncrypted && passphrase !== undefined) reportNeedless(report)
    return key
  } catch {
    if (isEncrypted) {
      reportWrong(report, 'openssl pkcs8 -topk8 -v2 aes-256-cbc')
      return undefined
    }
    return refusing(report)(
      'key/parse',
      `expected ${input.format === 'pem' ? 'PEM text' : 'DER'} that decodes to a private key`,
      'accepted are PKCS#8, PKCS#1 and SEC1, as `openssl genpkey` writes them',
    )
  }
}

/** The DER of a key; of PEM in the older form of encryption, which has no iterations, no bytes. */
function bytesOf(key: string | Buffer): Buffer {
  if (typeof key !== 'string') return key
  return decodeBase64(key.replace(/-----.*-----/g, ''), 'base64') ?? Buffer.alloc(0)
}

/** Reports a key that is encrypted, without a passphrase. */
export function reportLocked(report: Report): void {
  refusing(report)(
    'key/encrypted',
    'expected a passphrase: the key is encrypted',
    'write passphrase: { env: NAME } or { file: PATH } beside the env or file of the key',
  )
}

/** Reports a passphrase that does not open the key; `command` writes the key anew. */
export function reportWrong(report: Report, command: string): void {
  refusing(report, 'passphrase')(
    'key/passphrase',
    'expected the passphrase that opens the key',
    `check that it belongs to this key; if it does, the key is damaged or its cipher is outdated: write it anew with \`${command}\``,
  )
}

function reportNeedless(report: Report): void {
  report(
    {
      severity: 'warning',
      rule: 'key/passphrase',
      message: 'expected no passphrase: the key is not encrypted',
      hint: 'take it away, or check that this is the key that was meant',
    },
    'passphrase',
  )
}
