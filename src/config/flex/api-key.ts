import { z } from 'zod'
import type { Path } from '../../kind.ts'
import type { Draft } from './draft.ts'
import { checkSecret, type FlexPolicyKind } from './policy-kind.ts'
import { putHeader } from './put-header.ts'

const overwrite = z.boolean().optional()
const header = z.string().min(1).optional()

const keyAlone = z.strictObject({
  authType: z.literal('apiKey').optional().default('apiKey'),
  apiKey: z.string().min(1),
  customHeader: header,
  overwrite,
})
const pair = z.strictObject({
  authType: z.literal('clientCredentials'),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  customClientIdHeader: header,
  customClientSecretHeader: header,
  overwrite,
})
const schema = z.discriminatedUnion('authType', [keyAlone, pair])

/**
 * `credential-injection-api-key-flex`, as «Credential Injection API Key Policy» documents it: a key in Authorization
 * or a custom header, as it is; or client id and secret in `client_id` and `client_secret` or custom headers.
 */
export const apiKey: FlexPolicyKind<z.infer<typeof schema>> = {
  schema,
  secrets: ['apiKey', 'clientSecret'],
  scalars: ['overwrite'],
  choices: ['authType'],
  write(config, draft, at) {
    if (config.authType === 'clientCredentials') writePair(config, draft, at)
    else writeKey(config, draft, at)
  },
}

function writeKey(
  { apiKey, customHeader: name = 'authorization', overwrite = true }: z.infer<typeof keyAlone>,
  draft: Draft,
  at: Path,
): void {
  checkSecret(apiKey, draft, [...at, 'apiKey'])
  draft.putSecret(['apiKey'], [...at, 'apiKey'], 'value')
  putHeader(['inject'], { name, scheme: 'none', overwrite }, draft, [...at, 'customHeader'])
}

function writePair(config: z.infer<typeof pair>, draft: Draft, at: Path): void {
  const { customClientIdHeader = 'client_id', customClientSecretHeader = 'client_secret' } = config
  const common = { scheme: 'none', overwrite: config.overwrite ?? true } as const
  checkSecret(config.clientSecret, draft, [...at, 'clientSecret'])
  draft.putSecret(['apiKey'], [...at, 'clientSecret'], 'value')
  const secretAt = [...at, 'customClientSecretHeader']
  putHeader(['inject', 0], { name: customClientSecretHeader, ...common }, draft, secretAt)
  const idAt = [...at, 'customClientIdHeader']
  putHeader(['inject', 1], { name: customClientIdHeader, ...common }, draft, idAt)
  draft.translate(['inject', 1, 'value'], config.clientId, [...at, 'clientId'])
}
