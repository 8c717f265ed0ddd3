import type { Signer } from '../../../src/types.ts'

/** A compact JWS over `claims` (RFC 7515 section 7.1), made with nothing but the signer under test. */
export async function compact(signer: Signer, claims: object): Promise<string> {
  const header = { alg: signer.alg, ...(signer.kid !== undefined && { kid: signer.kid }) }
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = await signer.sign(Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}
