import { credentialKinds, type SourceOptions } from '../../../src/credentials/index.ts'
import type { CredentialSource } from '../../../src/types.ts'
import { type FixedEnvironment, fixedEnvironment } from '../../support/clock.ts'
import { hmacSecret } from '../../support/keys.ts'
import { type RecordedFault, recordingScope } from '../../support/recording-scope.ts'
import { sourceOptions } from '../../support/source-options.ts'

/** A `jwt` block and its key, compiled as part of a policy. */
export interface TestSource {
  readonly source: CredentialSource | undefined
  readonly faults: readonly RecordedFault[]
  readonly environment: FixedEnvironment
}

/** The secret behind `{ env: KEY }` of HS256 blocks. */
export const secret = hmacSecret()

/** Compiles a `jwt` block; without a key of its own it signs with HS256. `key` is what `{ env: KEY }` holds. */
export async function compileJwt(
  block: object,
  key = secret,
  environment = fixedEnvironment({ variables: { KEY: key } }),
  options: Partial<SourceOptions> = {},
): Promise<TestSource> {
  const { scope, faults } = recordingScope({ environment })
  const { schema, create } = credentialKinds.jwt
  const written = { signingMethod: 'HS256', privateKey: { env: 'KEY' }, exp: 300, ...block }
  const source = await create(schema.parse(written), scope, { ...sourceOptions, ...options })
  return { source, faults, environment }
}
