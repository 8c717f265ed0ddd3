import { authenticatorKinds } from '../../../../src/authenticate/index.ts'
import { jwtSchema } from '../../../../src/authenticate/jwt/jwt-schema.ts'
import { createKeySets } from '../../../../src/keys/index.ts'
import type { RequestHead } from '../../../../src/types.ts'
import { type FixedEnvironment, fixedEnvironment } from '../../../support/clock.ts'
import { type RecordedFault, recordingScope } from '../../../support/recording-scope.ts'
import { requestHead } from '../../../support/request-context.ts'
import { COMMON, JWKS, NOW, VARIABLES } from './inbound-token.ts'

/** What a test changes of an authenticator that accepts the claims of `inbound-token.ts`; undefined leaves out. */
export type Changes = Readonly<Record<string, unknown>>

/** Loads a `jwt` authenticator as a gateway file has it; the clock stands at `NOW`. */
export async function load(config: Changes): Promise<{
  readonly authenticator: Awaited<ReturnType<typeof authenticatorKinds.jwt.create>>
  readonly faults: readonly RecordedFault[]
  readonly environment: FixedEnvironment
}> {
  const environment = fixedEnvironment({
    now: NOW * 1000,
    variables: VARIABLES,
    files: { '/gateway/jwks.json': JWKS },
  })
  const { scope, faults } = recordingScope({ environment, folder: '/gateway' })
  const part = jwtSchema.parse({ ...COMMON, ...config })
  const authenticator = await authenticatorKinds.jwt.create(part, scope, {
    name: 'staff',
    keySets: createKeySets({ environment }),
    readYaml: () => Promise.reject(new Error('expected no file')),
  })
  return { authenticator, faults, environment }
}

/** What such an authenticator finds in a token after `Bearer`, or in another head. */
export async function examiner(config: Changes) {
  const { authenticator, faults, environment } = await load(config)
  if (!authenticator) throw new Error(`expected an authenticator: ${JSON.stringify(faults)}`)
  const examineHead = (head: Partial<RequestHead>) =>
    authenticator.examine({ head: requestHead(head), peer: {} })
  return {
    authenticator,
    environment,
    examineHead,
    examine: (token: string) => examineHead({ headers: { authorization: `Bearer ${token}` } }),
  }
}
