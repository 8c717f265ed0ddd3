import { z } from 'zod'
import { readWrittenSecret, secretPlaces } from '../keys/index.ts'
import { constantSource } from './constant-source.ts'
import type { CredentialKind } from './credential-kind.ts'

const schema = z
  .union([
    ...secretPlaces,
    z.strictObject({
      value: z.string().min(1).describe('The key itself, which is warned about.'),
    }),
  ])
  .describe('Sends a key as it is: { env }, { file } or { value }.')

/** A key that the upstream knows, as it is. */
export const apiKey: CredentialKind<z.infer<typeof schema>> = {
  schema,
  place: { name: 'x-api-key', scheme: 'none' },
  isCacheable: false,
  async create(config, scope) {
    const [written, at] =
      'value' in config ? ([config.value, scope.at('value')] as const) : ([config, scope] as const)
    const key = await readWrittenSecret(written, at, 'key')
    return key === undefined ? undefined : constantSource(key)
  },
  async inspect() {},
}
