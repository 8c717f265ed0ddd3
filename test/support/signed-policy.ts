import { ecKeys } from './keys.ts'

/** A policy that signs a token for each path, reused for five minutes, with the key in `KEY`. */
export const SIGNED = `
name: signed
jwt:
  signingMethod: ES256
  privateKey: { env: KEY }
  exp: 300
  iss: countersign
  sub: "#[attributes.requestPath]"
`

/** The environment that the policy needs. */
export function signedVariables(): { readonly KEY: string } {
  return { KEY: ecKeys().pkcs8 }
}
