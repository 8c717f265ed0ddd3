import type { Scope } from '../kind.ts'
import type { CredentialSource } from '../types.ts'
import { compileJwt } from './compile-jwt.ts'
import type { CredentialKind, SourceOptions } from './credential-kind.ts'
import { inspectJwt } from './inspect-jwt.ts'
import { type JwtConfig, jwtSchema } from './jwt-schema.ts'
import { createJwtSource } from './jwt-source.ts'
import { reuseOf } from './reuse.ts'

/** Makes a JWT (RFC 7519) with a key of its own or of an account, for each request or once for equal ones. */
export const jwt: CredentialKind<JwtConfig> = {
  schema: jwtSchema,
  place: { name: 'authorization', scheme: 'Bearer' },
  isCacheable: true,
  create,
  inspect: inspectJwt,
}

async function create(
  config: JwtConfig,
  scope: Scope,
  options: SourceOptions,
): Promise<CredentialSource | undefined> {
  const parts = await compileJwt(config, options.accounts, scope)
  if (!parts) return undefined
  const reuse = reuseOf(config, parts, options.cache, scope)
  return createJwtSource(parts, {
    reuse,
    hasId: config.jti === true,
    isSingleUse: config.singleUse === true,
    expAt: scope.locate(['exp']),
    environment: scope.environment,
    onRenewalFailure: options.onRenewalFailure,
    ...(config.minReuse && { share: options.share }),
  })
}
