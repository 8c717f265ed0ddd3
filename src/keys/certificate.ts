import type { KeyObject, X509Certificate } from 'node:crypto'
import type { Scope } from '../kind.ts'
import { decodeBase64 } from './formats/base64.ts'
import { certificateChain, parseCertificate } from './formats/certificate-chain.ts'
import { isPem, readPem } from './formats/pem.ts'
import type { KeyMaterialConfig } from './key-source.ts'
import { readPublicMaterial } from './public-material.ts'
import { type Report, refusing } from './report.ts'

/** A chain of certificates that was found to belong to a key. */
export interface KeyCertificate {
  /** As in a JOSE header and a JWK: RFC 7515 sections 4.1.6 to 4.1.8, RFC 7517 sections 4.7 to 4.9. */
  readonly members: {
    readonly x5c: readonly string[]
    readonly x5t: string
    readonly 'x5t#S256': string
  }
  /** The time in which all of the chain are valid, in milliseconds since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

/**
 * The certificates of a key source: PEM text, or one as base64 of DER. `scope` is that of the source. Undefined
 * after an error was reported.
 */
export async function readCertificates(
  source: KeyMaterialConfig,
  scope: Scope,
): Promise<readonly X509Certificate[] | undefined> {
  const found = await readPublicMaterial(source, scope)
  if (found === undefined) return undefined
  const certificates = parse(found.text.reveal())
  if (certificates === undefined) {
    scope.report(found.path, {
      severity: 'error',
      rule: 'key/certificate',
      message: 'expected X.509 certificates as PEM text, or one as base64 of DER',
      hint: 'a certificate begins with -----BEGIN CERTIFICATE-----: copy it again, whole',
    })
  }
  return certificates
}

function parse(text: string): readonly X509Certificate[] | undefined {
  const contents = isPem(text)
    ? readPem(text)?.flatMap((block) => (block.label.endsWith('CERTIFICATE') ? block.text : []))
    : [decodeBase64(text, 'base64') ?? '']
  const certificates = contents?.map((content) => parseCertificate(content))
  const isWhole = certificates?.every((certificate) => certificate !== undefined)
  return isWhole && certificates?.length !== 0 ? certificates : undefined
}

/** What a chain says of the key whose public half this is; undefined after an error was reported. */
export function certify(
  chain: readonly X509Certificate[],
  publicKey: KeyObject,
  report: Report,
): KeyCertificate | undefined {
  const refuse = refusing(report)
  const [leaf, ...others] = certificateChain(chain, publicKey)
  if (leaf === undefined) {
    return refuse(
      'key/certificate',
      'expected a certificate of this key, found one of another',
      'compare `openssl x509 -in cert.pem -noout -pubkey` with `openssl pkey -in key.pem -pubout`',
    )
  }
  const isInOrder = [leaf, ...others].every((certificate, index) => certificate === chain[index])
  if (!isInOrder || chain.length > others.length + 1) {
    return refuse(
      'key/certificate',
      'expected the certificate of the key, then each issuer after what it issued, and no others',
      'put them in this order, and take out what does not belong to the chain',
    )
  }
  return {
    members: {
      x5c: chain.map(({ raw }) => raw.toString('base64')),
      x5t: thumbprint(leaf.fingerprint),
      'x5t#S256': thumbprint(leaf.fingerprint256),
    },
    validFrom: Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime())),
    validTo: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())),
  }
}

/** Base64url of a fingerprint that Node writes as `AB:CD:…`. */
function thumbprint(fingerprint: string): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url')
}
