import { z } from 'zod'
import type { Scope } from '../../kind.ts'
import { SECRET_REFERENCE, Secret } from '../../secret.ts'

/** `env`: the name of an environment variable. */
export const variableSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'expected the name of an environment variable')

/** The text of an environment variable, exactly as it is, and how messages name it. */
export interface VariableText {
  readonly text: Secret
  readonly origin: string
}

/** Reads a variable that holds a `noun`; `scope` is that of its name. Undefined after an error was reported. */
export function readVariable(name: string, scope: Scope, noun: string): VariableText | undefined {
  const value = scope.environment.variable(name)
  const isName = SECRET_REFERENCE.env.test(name)
  if (value === undefined || value === '') {
    scope.report([], {
      severity: 'error',
      rule: 'key/missing',
      message: `expected a ${noun} in ${isName ? `the environment variable "${name}"` : 'an environment variable'}, which is ${value === '' ? 'empty' : 'not set'}`,
      hint: `set ${isName ? name : 'it'} to ${noun === 'key' ? 'the PEM or JWK text, or to the secret for HMAC' : `the ${noun}`}`,
    })
    return undefined
  }
  return { text: new Secret(value), origin: isName ? `env ${name}` : 'an environment variable' }
}
