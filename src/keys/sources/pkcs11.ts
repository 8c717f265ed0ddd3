import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { SECRET_REFERENCE } from '../../secret.ts'
import { durationSchema } from '../../units.ts'
import type { Pkcs11Config } from '../remote/open-pkcs11.ts'
import { reportingFaults } from '../remote/remote-fault.ts'
import { secretReferenceSchema } from '../remote/secret-reference.ts'
import type { KeySourceKind } from './key-source-kind.ts'

const pkcs11Schema = z.strictObject({
  // The library becomes a part of this process. A relative path would let the place of a policy file choose it.
  library: z
    .string()
    .max(1024)
    .refine((path) => isAbsolute(path) && !/[\0\r\n]/.test(path), 'expected an absolute path')
    .describe('Absolute path of the PKCS#11 library of the token; its code runs in the process.'),
  token: z.string().min(1).max(32).describe('Label of the token.'),
  label: z.string().min(1).max(256).describe('Label (CKA_LABEL) of the private key.'),
  id: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}){1,64}$/, 'expected bytes in hexadecimal, such as 01af')
    .optional()
    .describe('CKA_ID of the key in hexadecimal, when several have the label.'),
  pin: secretReferenceSchema.describe(
    'PIN of the user of the token: { file: PATH } or { env: NAME }.',
  ),
  timeout: durationSchema.optional().describe('Longest time for one attempt. Default 2s.'),
})

/**
 * `privateKey: { pkcs11: … }`: a key in a PKCS#11 token, which signs in it. Needs the optional package pkcs11js.
 * The public half is read once, of the public key, the private key or the certificate with the same id.
 */
export const pkcs11: KeySourceKind<{ pkcs11: Pkcs11Config }> = {
  key: 'pkcs11',
  references: {
    library: SECRET_REFERENCE.file,
    token: SECRET_REFERENCE.words,
    label: SECRET_REFERENCE.words,
    id: null,
    pin: null,
    timeout: null,
  },
  schema: z.strictObject({
    pkcs11: pkcs11Schema.describe('A key in a PKCS#11 token: an HSM, a smart card, SoftHSM.'),
  }),
  create({ pkcs11: config }, scope) {
    if (scope.inert) return undefined
    const own = scope.at('pkcs11')
    return reportingFaults(own, async () => {
      const { openPkcs11 } = await import('../remote/open-pkcs11.ts')
      return openPkcs11(config, own)
    })
  },
}
