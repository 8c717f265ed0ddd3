import { z } from 'zod'
import type { Scope } from '../kind.ts'
import type { JsonObject } from '../types.ts'
import { type AlgorithmName, algorithm as specOf } from './algorithms.ts'
import { fieldSchema, memberAt } from './sources/json-field.ts'

const FIT = /^[\x20-\x7e]{1,256}$/

/** The text of a `kid`: an expression would go out as it is written. */
export const kidNameSchema = z
  .string()
  .regex(FIT, 'expected 1 to 256 printable ASCII characters')
  .refine((text) => !text.includes('#['), {
    error: 'expected a literal name: it names the key, whatever the request',
    params: { rule: 'key/kid', hint: 'a member of the JSON secret is kid: { field: NAME }' },
  })

/** `kid` in a policy file or account: `thumbprint`, `x5t`, `omit`, the name itself, or where it stands. */
export const kidSchema = z
  .union([
    kidNameSchema,
    z.strictObject({
      field: fieldSchema,
    }),
  ])
  .describe('Key id: thumbprint (RFC 7638), x5t, omit, a name, or { field } of the JSON secret.')

/** A `kid` as it is written. */
export type KidConfig = z.infer<typeof kidSchema>

/** What a key id can be taken from, as far as a key has it; a secret has no thumbprint. */
export interface KidOrigins {
  readonly thumbprint?: string | undefined
  readonly x5t?: string | undefined
  readonly account?: JsonObject | undefined
}

/** Reports a `kid` that no key of the algorithm can have; `scope` is its own. False after that. */
export function checkKid(
  kid: KidConfig | undefined,
  algorithm: AlgorithmName,
  scope: Scope,
): boolean {
  if (specOf(algorithm).family !== 'HMAC' || (kid !== 'thumbprint' && kid !== 'x5t')) return true
  const why =
    kid === 'thumbprint'
      ? `the thumbprint of a secret (${algorithm}) would help to guess it`
      : `a secret (${algorithm}) has no certificate`
  refuse(scope, [], `expected a name or omit: ${why}`, 'write kid: omit, or a name')
  return false
}

/**
 * The key id as `kid` says, by default `thumbprint`, for a secret `omit`; the result is empty for none. Undefined
 * after an error was reported; `scope` is that of `kid`.
 */
export function findKid(
  kid: KidConfig | undefined,
  { thumbprint, x5t, account }: KidOrigins,
  scope: Scope,
): { readonly kid?: string } | undefined {
  if (typeof kid === 'object') return fromField(kid.field, account, scope)
  const derived = { thumbprint, x5t, omit: undefined }
  const rule = kid ?? (thumbprint === undefined ? 'omit' : 'thumbprint')
  if (!Object.hasOwn(derived, rule)) return { kid: rule }
  const found = derived[rule as keyof typeof derived]
  if (found !== undefined) return { kid: found }
  if (rule === 'omit') return {}
  return refuse(
    scope,
    [],
    'expected no x5t: this key has no certificate',
    'write kid: thumbprint or a name, or add its certificate: { file: PATH }',
  )
}

function fromField(field: string, account: JsonObject | undefined, scope: Scope) {
  if (account === undefined) {
    return refuse(
      scope,
      ['field'],
      'expected a key that is a field of a JSON document',
      'write privateKey: { file: PATH, field: NAME }, or the kid itself',
    )
  }
  const value = memberAt(account, field)
  if (typeof value === 'string' && FIT.test(value)) return { kid: value }
  return refuse(
    scope,
    ['field'],
    'expected a member of the JSON document that is text of 1 to 256 printable ASCII characters',
    'name a member beside the key, one that is no secret by its name',
  )
}

function refuse(scope: Scope, path: readonly string[], message: string, hint: string): undefined {
  scope.report(path, { severity: 'error', rule: 'key/kid', message, hint })
}
