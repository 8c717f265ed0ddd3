/** Names of curves in JWK (RFC 7518 section 6.2.1.1), by OpenSSL's. */
const JWK_NAMES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/** What JWK calls a curve that `node:crypto` names as OpenSSL does; the name itself for one that JWS does not know. */
export function curveName(name: string): string {
  return JWK_NAMES[name] ?? name
}
