import { z } from 'zod'
import { SECRET_REFERENCE, Secret } from '../../secret.ts'
import type { KeySourceKind } from '../key-source-kind.ts'

/** `privateKey: { env: NAME }`: the value of an environment variable, exactly as it is. */
export const env: KeySourceKind<{ env: string }> = {
  key: 'env',
  schema: z.strictObject({
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected the name of an environment variable')
      .describe('Name of the environment variable that holds the key.'),
  }),
  create({ env: name }, scope) {
    const value = scope.environment.variable(name)
    const isName = SECRET_REFERENCE.env.test(name)
    if (value === undefined || value === '') {
      scope.report(['env'], {
        severity: 'error',
        rule: 'key/missing',
        message: `expected a key in ${isName ? `the environment variable "${name}"` : 'an environment variable'}, which is ${value === '' ? 'empty' : 'not set'}`,
        hint: `set ${isName ? name : 'it'} to the PEM or JWK text, or to the secret for HMAC`,
      })
      return undefined
    }
    return {
      text: new Secret(value),
      origin: isName ? `env ${name}` : 'an environment variable',
      path: ['env'],
    }
  },
}
