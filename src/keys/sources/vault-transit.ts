import { z } from 'zod'
import { SECRET_REFERENCE } from '../../secret.ts'
import { durationSchema } from '../../units.ts'
import type { TransitConfig } from '../remote/open-transit.ts'
import { reportingFaults } from '../remote/remote-fault.ts'
import { secretReferenceSchema } from '../remote/secret-reference.ts'
import type { KeySourceKind } from './key-source-kind.ts'
import { filePathSchema } from './secret-file.ts'

const SEGMENT = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'

const vaultTransitSchema = z.strictObject({
  address: z
    .string()
    .describe('https://HOST:PORT of the server; http only to this machine itself.'),
  mount: z
    .string()
    .regex(new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,7}$`), 'expected a path such as transit')
    .optional()
    .describe('Path that the Transit secrets engine is mounted at. Default transit.'),
  key: z
    .string()
    .regex(new RegExp(`^${SEGMENT}$`), 'expected the name of a Transit key')
    .describe('Name of the key.'),
  version: z
    .int()
    .min(1)
    .optional()
    .describe('Version of the key. Default: the latest one when the file is read.'),
  token: secretReferenceSchema.describe(
    'The token for the server: { file: PATH } or { env: NAME }.',
  ),
  namespace: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/, 'expected 1 to 256 visible ASCII characters')
    .optional()
    .describe('Namespace on the server.'),
  ca: filePathSchema
    .optional()
    .describe(
      'Path of a PEM file of the authorities of its certificate. Default: the public ones.',
    ),
  timeout: durationSchema.optional().describe('Longest time for one attempt. Default 2s.'),
})

/**
 * `privateKey: { vaultTransit: … }`: a key in the Transit secrets engine of Vault or OpenBao, which signs over its
 * HTTP API. Its type and public half are read once; the version stays pinned until the files are read again.
 */
export const vaultTransit: KeySourceKind<{ vaultTransit: TransitConfig }> = {
  key: 'vaultTransit',
  references: {
    address: /^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/?$/,
    mount: SECRET_REFERENCE.words,
    key: SECRET_REFERENCE.words,
    version: null,
    token: null,
    namespace: SECRET_REFERENCE.words,
    ca: SECRET_REFERENCE.file,
    timeout: null,
  },
  schema: z.strictObject({
    vaultTransit: vaultTransitSchema.describe('A key in the Transit engine of Vault or OpenBao.'),
  }),
  create({ vaultTransit: config }, scope) {
    if (scope.inert) return undefined
    const own = scope.at('vaultTransit')
    return reportingFaults(own, async () => {
      // loaded where it is used: it costs as much as everything else at start
      const { openTransit } = await import('../remote/open-transit.ts')
      return openTransit(config, own)
    })
  },
}
