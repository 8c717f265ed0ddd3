import type { JsonObject, Signer } from '../types.ts'

/** Signs claims as JWS Compact Serialization. `header.alg` must be the signer's. Throws `key/unavailable`. */
export type SignCompact = (header: JsonObject, claims: JsonObject) => Promise<string>

/** Makes a signature function (RFC 7515 section 7.1) of a signer. */
export function compactSigner(signer: Signer): SignCompact {
  let encodedLast: { readonly header: JsonObject; readonly text: string } | undefined

  // A header that no request decides is one and the same object.
  function encodeHeader(header: JsonObject): string {
    if (encodedLast?.header !== header) encodedLast = { header, text: encode(header) }
    return encodedLast.text
  }

  return async (header, claims) => {
    const input = `${encodeHeader(header)}.${encode(claims)}`
    const signature = await signer.sign(Buffer.from(input))
    return `${input}.${Buffer.from(signature).toString('base64url')}`
  }
}

function encode(part: JsonObject): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
