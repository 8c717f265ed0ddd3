import { chain, type Eventual } from '../claims/index.ts'
import type { JsonObject, Signer } from '../types.ts'

/**
 * Signs claims as JWS Compact Serialization, at once where the signer does. `header.alg` must be the signer's. Throws
 * or rejects with `key/unavailable`, or with `overload`.
 */
export type SignCompact = (header: JsonObject, claims: JsonObject) => Eventual<string>

/** Makes a signature function (RFC 7515 section 7.1) of a signer. */
export function compactSigner(signer: Signer): SignCompact {
  let encodedLast: { readonly header: JsonObject; readonly text: string } | undefined

  // A header that no request decides is one and the same object.
  function encodeHeader(header: JsonObject): string {
    if (encodedLast?.header !== header) encodedLast = { header, text: encode(header) }
    return encodedLast.text
  }

  const sign = textSigner(signer)
  return (header, claims) => {
    const input = `${encodeHeader(header)}.${encode(claims)}`
    return chain(sign(input), (signature) => `${input}.${signature}`)
  }
}

function textSigner(signer: Signer): (text: string) => Eventual<string> {
  return signer.signText ?? ((text) => chain(signer.sign(Buffer.from(text, 'latin1')), base64url))
}

function encode(part: JsonObject): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function base64url({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64url')
}
