import { type KeyHint, loadVerifyingKeys, type VerifyingKeys, verifyJws } from '../../keys/index.ts'
import type { Scope } from '../../kind.ts'
import type { AuthenticatorKind, Finding } from '../authenticator.ts'
import { createCredentialPlace } from '../credential-place.ts'
import { compileClaimsCheck } from './claims-check.ts'
import { checkHeader } from './header-check.ts'
import { type JwtConfig, jwtSchema } from './jwt-schema.ts'
import { compileMapping } from './mapping.ts'
import { parseToken } from './token-text.ts'

/**
 * Recognises callers by a signed JWT (RFC 7519) under the rules of RFC 8725. What a token names is compared and never
 * fetched, and its signature is checked before its claims, so that no answer about claims concerns a forged token.
 */
export const jwt: AuthenticatorKind<JwtConfig> = {
  schema: jwtSchema,
  credential: (config) => createCredentialPlace(config.in).credential,
  async create(config, scope, { name, keySets }) {
    checkTrust(config, scope)
    const { algorithms } = config
    const keys = await loadVerifyingKeys(config, scope, { algorithms, keySets })
    if (!keys) return undefined
    const issuers = config.issuer === undefined ? undefined : [config.issuer].flat()
    const { credential, examine } = createCredentialPlace(config.in)
    return {
      ...credential,
      ...(issuers && { issuers }),
      challenge: createChallenge(name, config.in),
      examine: examine(compileJudgement(config, issuers, keys, scope)),
    }
  },
}

/** Says which tokens are accepted that were made for somebody else. */
function checkTrust({ issuer, audience }: JwtConfig, scope: Scope): void {
  if (issuer === undefined) {
    scope.report([], {
      severity: 'warning',
      rule: 'authenticator/no-issuer',
      message: 'expected "issuer": tokens of every issuer are accepted that the key verifies',
      hint: 'write the iss that tokens have',
    })
  }
  if (audience === undefined) {
    scope.report([], {
      severity: 'warning',
      rule: 'authenticator/no-audience',
      message: 'expected "audience": tokens are accepted that were made for another service',
      hint: 'write what tokens name in aud',
    })
  }
}

/** The challenge of RFC 6750 section 3, wherever the token stands; another scheme than Bearer has no errors. */
function createChallenge(realm: string, place: JwtConfig['in']): (refused: boolean) => string {
  const written = place.location === 'header' ? place.scheme : undefined
  const scheme = written === undefined || written === 'none' ? 'Bearer' : written
  const challenge = `${scheme} realm="${realm}"`
  const isBearer = scheme.toLowerCase() === 'bearer'
  return (refused) => (refused && isBearer ? `${challenge}, error="invalid_token"` : challenge)
}

function compileJudgement(
  config: JwtConfig,
  issuers: readonly string[] | undefined,
  keys: VerifyingKeys,
  { environment }: Scope,
): (token: string) => Promise<Finding> {
  const { algorithms } = config
  const checkClaims = compileClaimsCheck(config)
  const toCaller = compileMapping(config)
  return async (token) => {
    const parts = parseToken(token)
    if (!parts) return { refused: { reason: 'malformed' } }
    const { header, claims } = parts
    if (typeof claims.iss === 'string' && issuers?.includes(claims.iss) === false) {
      return { refused: { reason: 'issuer', foreign: true } }
    }
    const hint = checkHeader(header, algorithms)
    if ('reason' in hint) return { refused: hint }
    const unproven = await checkSignature(token, hint, keys)
    if (unproven) return { refused: { reason: unproven } }
    const refused = checkClaims(claims, environment.now() / 1000)
    if (refused) return { refused }
    const caller = toCaller(claims)
    return 'reason' in caller ? { refused: caller } : { caller }
  }
}

/** Why the signature proves nothing; undefined when one of the keys made it. */
async function checkSignature(token: string, hint: KeyHint, keys: VerifyingKeys) {
  const candidates = await keys.find(hint)
  if (candidates.length === 0) return 'unknown-key'
  for (const key of candidates) {
    if (await verifyJws(token, key, hint.alg)) return undefined
  }
  return 'signature'
}
