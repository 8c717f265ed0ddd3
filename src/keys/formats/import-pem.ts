import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import type { ImportedKey } from '../key-material.ts'
import { type Report, refusing } from '../report.ts'
import {
  certificateChain,
  certificatesBeside,
  chainFrom,
  parseCertificate,
} from './certificate-chain.ts'
import { openKey } from './open-key.ts'
import { type PemBlock, readPem } from './pem.ts'

const PRIVATE = new Set([
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
])
const PUBLIC = new Set(['PUBLIC KEY', 'RSA PUBLIC KEY', 'DSA PUBLIC KEY', 'EC PUBLIC KEY'])
const CERTIFICATE = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'])

/**
 * The one private key in PEM text: PKCS#8, PKCS#1 or SEC1, encrypted or not, and its certificates when they stand
 * beside it. Text around the blocks and EC parameters are passed over.
 */
export function importPem(
  text: string,
  passphrase: Secret | undefined,
  report: Report,
): ImportedKey | undefined {
  const refuse = refusing(report)
  const blocks = readBlocks(text, report)
  if (blocks === undefined) return undefined
  const [block, ...others] = blocks.filter(({ label }) => PRIVATE.has(label))
  if (block === undefined) {
    if (blocks.some(({ label }) => PUBLIC.has(label) || CERTIFICATE.has(label))) {
      return refuse(
        'key/public',
        'expected a private key, found a public key or a certificate',
        'signing needs the private half; the public half is what verifiers get',
      )
    }
    return refuse(
      'key/parse',
      'expected a PEM block that is a private key',
      'accepted are PKCS#8, PKCS#1 and SEC1, as `openssl genpkey` writes them',
    )
  }
  if (others.length > 0) {
    return refuse(
      'key/ambiguous',
      'expected one private key, found several in one PEM text',
      'put each key into a file or variable of its own',
    )
  }
  if (block.label === 'OPENSSH PRIVATE KEY') {
    return refuse(
      'key/parse',
      'expected PEM as PKCS#8, PKCS#1 or SEC1, found the OpenSSH format',
      "convert a copy in place: `ssh-keygen -p -N '' -m PKCS8 -f copy-of-key`",
    )
  }
  const isEncrypted = block.label === 'ENCRYPTED PRIVATE KEY' || block.hasEncryptionHeader
  const key = openKey({ key: block.text, format: 'pem', isEncrypted }, passphrase, report)
  return key && { key, certificates: certificatesBeside(certificatesOf(blocks, report), key) }
}

/** The one public key in PEM text: SPKI, PKCS#1, the first certificate, or the public half of a private key. */
export function importPublicPem(
  text: string,
  passphrase: Secret | undefined,
  report: Report,
): ImportedKey | undefined {
  const refuse = refusing(report)
  const blocks = readBlocks(text, report)
  if (blocks === undefined) return undefined
  if (blocks.some(({ label }) => PRIVATE.has(label))) {
    const pair = importPem(text, passphrase, report)
    return pair && { ...pair, key: createPublicKey(pair.key), ofPrivate: true }
  }
  const [block, ...others] = blocks.filter(({ label }) => PUBLIC.has(label))
  if (others.length > 0) {
    return refuse(
      'key/ambiguous',
      'expected one public key, found several in one PEM text',
      'put each key into a file or variable of its own',
    )
  }
  const certificates = certificatesOf(blocks, report)
  const [leaf] = certificates
  if (block === undefined && leaf !== undefined) {
    return { key: leaf.publicKey, certificates: chainFrom(leaf, certificates) }
  }
  const key = block && parsePublic(block)
  if (key !== undefined) return { key, certificates: certificateChain(certificates, key) }
  return refuse(
    'key/parse',
    'expected PEM text that decodes to a public key or a certificate',
    'accepted are -----BEGIN PUBLIC KEY-----, -----BEGIN RSA PUBLIC KEY----- and -----BEGIN CERTIFICATE-----',
  )
}

function readBlocks(text: string, report: Report): readonly PemBlock[] | undefined {
  return (
    readPem(text) ??
    refusing(report)(
      'key/parse',
      'expected each -----BEGIN line of the PEM text to have its -----END line',
      'the text is cut off or altered: copy the key again, whole',
    )
  )
}

function certificatesOf(blocks: readonly PemBlock[], report: Report): readonly X509Certificate[] {
  const written = blocks.filter(({ label }) => CERTIFICATE.has(label))
  const certificates = written.flatMap(({ text }) => parseCertificate(text) ?? [])
  if (certificates.length < written.length) {
    report({
      severity: 'warning',
      rule: 'key/certificate',
      message: 'expected certificates in the PEM text that can be read, found one that cannot',
      hint: 'it is passed over: copy it again, whole, or take it away',
    })
  }
  return certificates
}

function parsePublic({ text }: PemBlock): KeyObject | undefined {
  try {
    return createPublicKey(text)
  } catch {
    return undefined
  }
}
