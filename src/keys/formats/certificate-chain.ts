import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

/**
 * The chain of a key among these certificates, leaf first, each followed by its issuer (RFC 7515 section 4.1.6);
 * empty when none is a certificate of the key. Of several leaves the one that is valid longest.
 */
export function certificateChain(
  certificates: readonly X509Certificate[],
  key: KeyObject,
): readonly X509Certificate[] {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  const [leaf] = certificates
    .filter((certificate) => isOf(certificate, publicKey))
    .sort((one, other) => other.validToDate.getTime() - one.validToDate.getTime())
  return leaf === undefined ? [] : chainFrom(leaf, certificates)
}

/**
 * What stands beside a key: its chain, or, when none of them is a certificate of the key, all of them, so that
 * whoever asks for its certificate finds out.
 */
export function certificatesBeside(
  certificates: readonly X509Certificate[],
  key: KeyObject,
): readonly X509Certificate[] {
  const chain = certificateChain(certificates, key)
  return chain.length > 0 ? chain : certificates
}

/** A certificate, then its issuer and so on, as far as they are among these. */
export function chainFrom(
  leaf: X509Certificate,
  certificates: readonly X509Certificate[],
): readonly X509Certificate[] {
  const chain = [leaf]
  for (let at: X509Certificate | undefined = leaf; at !== undefined; ) {
    const current: X509Certificate = at
    at = certificates.find((other) => !chain.includes(other) && isIssuedBy(current, other))
    if (at !== undefined) chain.push(at)
  }
  return chain
}

function isOf(certificate: X509Certificate, publicKey: KeyObject): boolean {
  try {
    const own = certificate.publicKey
    // Comparing keys of two types leaves an error in OpenSSL's queue, for which Node refuses the next good key.
    return own.asymmetricKeyType === publicKey.asymmetricKeyType && own.equals(publicKey)
  } catch {
    // A kind of key that OpenSSL does not know is not ours.
    return false
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/** The certificate in PEM text or DER; undefined when it is none. */
export function parseCertificate(content: string | Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(content)
  } catch {
    return undefined
  }
}
