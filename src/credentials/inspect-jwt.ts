import { z } from 'zod'
import { compileValue } from '../claims/index.ts'
import { TOKEN_ROOTS } from '../expression/index.ts'
import { type KeyConfig, keyShape } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import type { Json } from '../types.ts'
import { compileJwt } from './compile-jwt.ts'
import type { SourceOptions } from './credential-kind.ts'
import { type JwtConfig, jwtSchema, memberShape } from './jwt-schema.ts'

/** Texts of a `jwt` block that are expressions, or may hold some. */
const TEXTS = [
  'iat',
  'exp',
  'nbf',
  'iss',
  'sub',
  'aud',
  'jti',
  'customClaims',
  'customHeaders',
] as const

/** Reports what can be found wrong in a `jwt` block beside what its schema said. */
export async function inspectJwt(
  part: Readonly<Record<string, unknown>>,
  scope: Scope,
  { accounts }: SourceOptions,
): Promise<void> {
  const fitting = fittingMembers(part)
  for (const name of TEXTS) {
    const text = part[name]
    if (text !== undefined && fitting[name] === undefined) {
      compileValue(text as Json, scope.at(name), TOKEN_ROOTS)
    }
  }
  await compileJwt(withoutHalfAKey(part, fitting), accounts, scope)
}

/** Entries of `customClaims` or `customHeaders`, without what does not fit of their options. */
const membersSchema = z.array(
  z.object({
    ...memberShape,
    type: memberShape.type.catch(undefined),
    onMissing: memberShape.onMissing.catch(undefined),
  }),
)

/** Those members of a `jwt` block that fit, each for itself. */
function fittingMembers(part: Readonly<Record<string, unknown>>): Partial<JwtConfig> {
  const lists = { customClaims: membersSchema, customHeaders: membersSchema }
  const members = Object.entries({ ...jwtSchema.shape, ...lists }).flatMap(([name, schema]) => {
    const fitting = part[name] === undefined ? undefined : schema.safeParse(part[name])
    return fitting?.success ? [[name, fitting.data] as const] : []
  })
  return Object.fromEntries(members)
}

const keySchema = z.object({ ...keyShape, signingMethod: keyShape.signingMethod.optional() })

/** Of a key, what fits alone says little: a secret of a type that was misspelt is a weak one of another. */
function withoutHalfAKey(
  part: Readonly<Record<string, unknown>>,
  fitting: Partial<JwtConfig>,
): JwtConfig {
  if (keySchema.safeParse(part).success) return fitting
  const names = Object.keys(keyShape) as (keyof KeyConfig)[]
  return { ...fitting, ...Object.fromEntries(names.map((name) => [name, undefined])) }
}
