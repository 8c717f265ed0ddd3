import {
  compileTimeClaims,
  type MemberList,
  type TimeClaims,
  type TimeConfig,
} from '../claims/index.ts'
import type { Scope } from '../kind.ts'
import type { SourceOptions } from './credential-kind.ts'
import { findAccount } from './find-account.ts'
import { compileHeader } from './jose-header.ts'
import { compileClaims, type JwtClaims } from './jwt-claims.ts'
import type { JwtConfig } from './jwt-schema.ts'
import { loadSealing } from './load-sealing.ts'
import type { Sealing } from './sealing.ts'

/** The compiled parts of a `jwt` block. */
export interface JwtParts {
  readonly sealing: Sealing
  readonly header: MemberList
  readonly times: TimeClaims
  readonly claims: JwtClaims
  /** `exp` as it is written, or what the account's `ttl` makes of it. */
  readonly exp: TimeConfig['exp']
}

/**
 * Compiles a `jwt` block, or what fits of it; undefined after an error was reported, here, at its account, or by
 * the schema.
 */
export async function compileJwt(
  config: JwtConfig,
  accounts: SourceOptions['accounts'],
  scope: Scope,
): Promise<JwtParts | undefined> {
  const { account: name } = config
  const account = name === undefined ? undefined : findAccount(name, accounts, scope)
  const sealing = await loadSealing(config, account, scope)
  const exp = config.exp ?? account?.ttl
  // a stand-in for what is missing: it lies so far ahead that it contradicts nothing
  const times = compileTimeClaims({ ...config, exp: exp ?? Number.MAX_SAFE_INTEGER }, scope)
  const produced = [...times.names].filter((claim) => claim !== 'exp' || exp !== undefined)
  const around = { produced: new Set(produced), issuer: account?.issuer }
  const claims = compileClaims(config, around, scope)
  const header = compileHeader(config, sealing?.header ?? {}, scope)
  if (!sealing) return undefined
  for (const part of [times, claims, header]) await part.prove(sealing.sees)
  if (exp !== undefined) return { sealing, header, times, claims, exp }
  if (account && name !== undefined) reportNoExp(name, scope)
  return undefined
}

// As the schema says it where there is no account.
function reportNoExp(account: string, scope: Scope): void {
  scope.report(['exp'], {
    severity: 'error',
    rule: 'schema/required',
    message: `jwt.exp: required: expected seconds, { after, from }, an expression, or 0 for none, as the account "${account}" has no ttl`,
  })
}
