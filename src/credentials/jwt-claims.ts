import {
  compileMembers,
  type MemberConfig,
  type MemberList,
  ONE_TIME_CLAIMS,
  registeredMismatch,
} from '../claims/index.ts'
import type { Scope } from '../kind.ts'
import type { JwtConfig } from './jwt-schema.ts'

/** The claims of a `jwt` block but for those that follow from the clock. */
export interface JwtClaims extends MemberList {
  /** True when one of them ties the token to one request. */
  readonly oneTime: boolean
}

/** What else decides the claims of a `jwt` block. */
export interface ClaimSurroundings {
  /** Claims that are set elsewhere, so that none of these may set them. */
  readonly produced: ReadonlySet<keyof typeof LEFT_OUT>
  /** `iss` when nothing else gives one. */
  readonly issuer: string | undefined
}

/** Compiles `iss`, `sub`, `aud`, a computed `jti`, and the custom claims. */
export function compileClaims(
  config: JwtConfig,
  { produced, issuer }: ClaimSurroundings,
  scope: Scope,
): JwtClaims {
  const elsewhere = [...produced, ...(config.jti === true ? ['jti' as const] : [])]
  const reserved = reservedFor(elsewhere, config)
  const base = issuer === undefined ? {} : { base: { iss: issuer } }
  const rules = { reserved, mismatch: registeredMismatch, pointers: true, ...base }
  const claims = compileMembers(memberConfigs(config, scope), rules)
  return { ...claims, oneTime: [...claims.names].some((name) => ONE_TIME_CLAIMS.has(name)) }
}

type Reserved = ReadonlyMap<string, ReturnType<typeof twice>>

/** The few that there are, by what they say: most policies have the same. */
const RESERVED = new Map<string, Reserved>()

function reservedFor(names: readonly (keyof typeof LEFT_OUT)[], config: JwtConfig): Reserved {
  const id = names.map((name) => `${name} ${config[name] === undefined}`).join()
  const known = RESERVED.get(id)
  if (known) return known
  const reserved = new Map(names.map((name) => [name as string, twice(name, config)]))
  RESERVED.set(id, reserved)
  return reserved
}

/** How to write that the `jwt` key does not produce its claim. */
const LEFT_OUT = { iat: 'iat: false', nbf: 'nbf: 0', exp: 'exp: 0', jti: 'jti: false' }

function twice(name: keyof typeof LEFT_OUT, config: JwtConfig) {
  const byDefault = config[name] === undefined ? ' by default' : ''
  return {
    message: `expected "${name}" once: "jwt.${name}" sets it${byDefault}`,
    hint: `keep one of the two; ${LEFT_OUT[name]} leaves it to this claim`,
  }
}

function memberConfigs(config: JwtConfig, scope: Scope): MemberConfig[] {
  const named = (['iss', 'sub', 'aud', 'jti'] as const).flatMap((name) => {
    const value = config[name]
    if (value === undefined || typeof value === 'boolean') return []
    const entry = scope.at(name)
    return [{ name, value, nameScope: entry, valueScope: entry }]
  })
  const custom = (config.customClaims ?? []).map((claim, index) => ({
    ...claim,
    nameScope: scope.at('customClaims', index, 'name'),
    valueScope: scope.at('customClaims', index, 'value'),
  }))
  return [...named, ...custom]
}
