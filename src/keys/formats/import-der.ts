import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import type { ImportedKey } from '../key-material.ts'
import { type Report, refusing } from '../report.ts'
import { parseCertificate } from './certificate-chain.ts'
import type { DerContent } from './der.ts'
import { openKey } from './open-key.ts'
import { importPkcs12 } from './pkcs12.ts'

/** The private key in DER: PKCS#8, encrypted or not, PKCS#1, SEC1, or PKCS#12 with its certificates. */
export async function importDer(
  bytes: Buffer,
  content: DerContent,
  passphrase: Secret | undefined,
  report: Report,
): Promise<ImportedKey | undefined> {
  if (content === 'pkcs12') return importPkcs12(bytes, passphrase, report)
  if (content === 'public' || content === 'certificate') {
    return refusing(report)(
      'key/public',
      'expected a private key, found a public key or a certificate',
      'signing needs the private half; the public half is what verifiers get',
    )
  }
  const isEncrypted = content === 'encrypted'
  const type = isEncrypted ? 'pkcs8' : content
  const key = openKey({ key: bytes, format: 'der', type, isEncrypted }, passphrase, report)
  return key && { key, certificates: [] }
}

/** The public key in DER: SPKI, PKCS#1, a certificate, or the public half of a private key. */
export async function importPublicDer(
  bytes: Buffer,
  content: DerContent,
  passphrase: Secret | undefined,
  report: Report,
): Promise<ImportedKey | undefined> {
  if (content !== 'public' && content !== 'certificate') {
    const pair = await importDer(bytes, content, passphrase, report)
    return pair && { ...pair, key: createPublicKey(pair.key), ofPrivate: true }
  }
  const certificate = content === 'certificate' ? parseCertificate(bytes) : undefined
  const key = certificate?.publicKey ?? parsePublic(bytes)
  if (key !== undefined) return { key, certificates: certificate ? [certificate] : [] }
  return refusing(report)(
    'key/parse',
    'expected DER that decodes to a public key or a certificate',
    'accepted are SPKI, PKCS#1 and X.509',
  )
}

function parsePublic(key: Buffer): KeyObject | undefined {
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      return createPublicKey({ key, format: 'der', type })
    } catch {
      // Not of this type: the next one is tried, and the caller reports.
    }
  }
  return undefined
}
