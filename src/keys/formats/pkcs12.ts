import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import type { asn1, pkcs12 } from 'node-forge'
import type { Secret } from '../../secret.ts'
import type { ImportedKey } from '../key-material.ts'
import { type Report, refusing } from '../report.ts'
import { parseAsn1 } from './asn1.ts'
import { certificatesBeside, parseCertificate } from './certificate-chain.ts'
import { checkDerivation } from './derivation.ts'
import { reportLocked, reportWrong } from './open-key.ts'

type Forge = typeof import('node-forge')

/**
 * The one private key in a PKCS#12 file (RFC 7292), opened with the passphrase, and its certificates. Without a
 * passphrase the empty one is tried. Undefined after an error was reported.
 */
export async function importPkcs12(
  bytes: Buffer,
  passphrase: Secret | undefined,
  report: Report,
): Promise<ImportedKey | undefined> {
  const refuse = refusing(report)
  const unreadable = () =>
    refuse(
      'key/parse',
      'expected PKCS#12 that can be read',
      'the file is damaged, or made by a scheme other than PBES2 with AES, 3DES or RC2: make it anew with `openssl pkcs12 -export`',
    )
  if (parseAsn1(bytes) === undefined) return unreadable()
  if (!checkDerivation(bytes, 'pkcs12', report)) return undefined
  // Loaded when the first such file is met: it would add to every start otherwise.
  const { default: forge } = await import('node-forge')
  let content: pkcs12.Pkcs12Pfx | undefined
  try {
    content = open(forge, bytes, passphrase?.reveal() ?? '')
  } catch {
    return unreadable()
  }
  if (content === undefined) {
    if (passphrase === undefined) reportLocked(report)
    else reportWrong(report, 'openssl pkcs12 -export')
    return undefined
  }
  const bags = content.safeContents.flatMap(({ safeBags }) => safeBags)
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids
  const keys = bags.filter(({ type }) => type === keyBag || type === pkcs8ShroudedKeyBag)
  const [bag, ...others] = keys
  if (bag === undefined) {
    return refuse(
      'key/public',
      'expected PKCS#12 with a private key, found certificates alone',
      'export it with its key: `openssl pkcs12 -export -inkey key.pem -in cert.pem`',
    )
  }
  if (others.length > 0) {
    return refuse(
      'key/ambiguous',
      'expected one private key, found several in one PKCS#12 file',
      'export each key into a file of its own',
    )
  }
  const key = keyOf(forge, bag)
  if (key === undefined) {
    return refuse(
      'key/parse',
      'expected PKCS#12 with a private key that can be read',
      'RSA, EC and Ed25519 keys are',
    )
  }
  const certificates = bags
    .filter(({ type }) => type === certBag)
    .flatMap((certificate) => certificateOf(forge, certificate) ?? [])
  return { key, certificates: certificatesBeside(certificates, key) }
}

/** The content, undefined for a wrong passphrase; throws for anything else that is wrong. */
function open(forge: Forge, bytes: Buffer, passphrase: string): pkcs12.Pkcs12Pfx | undefined {
  const file = forge.asn1.fromDer(bytes.toString('latin1'), false)
  const content = tryOpen(forge, file, passphrase)
  if (content !== 'undecipherable') return content
  // The MAC takes the passphrase as UTF-16, PBES2 as UTF-8 (RFC 8018 section 3): forge, one octet a character.
  const utf8 = Buffer.from(passphrase, 'utf8').toString('latin1')
  const withoutMac = { ...file, value: (file.value as asn1.Asn1[]).slice(0, 2) }
  const again = utf8 === passphrase ? undefined : tryOpen(forge, withoutMac, utf8)
  return again === 'undecipherable' ? undefined : again
}

function tryOpen(
  forge: Forge,
  file: asn1.Asn1,
  passphrase: string,
): pkcs12.Pkcs12Pfx | 'undecipherable' | undefined {
  try {
    return forge.pkcs12.pkcs12FromAsn1(file, false, passphrase)
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (message.includes('MAC could not be verified')) return undefined
    if (/decrypt/i.test(message)) return 'undecipherable'
    throw error
  }
}

function keyOf(forge: Forge, bag: pkcs12.Bag): KeyObject | undefined {
  try {
    // forge reads RSA keys itself, and leaves the PKCS#8 of the others as it is.
    return bag.key
      ? createPrivateKey({
          key: der(forge, forge.pki.privateKeyToAsn1(bag.key)),
          format: 'der',
          type: 'pkcs1',
        })
      : createPrivateKey({ key: der(forge, bag.asn1), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

function certificateOf(forge: Forge, { cert, asn1 }: pkcs12.Bag): X509Certificate | undefined {
  return parseCertificate(der(forge, cert ? forge.pki.certificateToAsn1(cert) : asn1))
}

function der(forge: Forge, node: asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1')
}
