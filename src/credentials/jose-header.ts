import { compileMembers, type MemberList, type MemberRules } from '../claims/index.ts'
import { isMap } from '../is-map.ts'
import { ENCRYPTION_PARAMETERS, keyShape } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import type { Json, JsonObject } from '../types.ts'
import type { JwtConfig } from './jwt-schema.ts'

type Reserved = MemberRules['reserved']

/** Parameters that no entry may set: RFC 7515 sections 4.1.1, 4.1.4 and 4.1.11, RFC 7797. */
const RESERVED: Reserved = new Map([
  ['alg', { message: 'expected no "alg": it is the signingMethod', hint: 'leave this entry out' }],
  ['b64', { message: 'expected no "b64": a JWT is always encoded', hint: 'leave this entry out' }],
  [
    'crit',
    { message: 'expected no "crit": there are no extensions', hint: 'leave this entry out' },
  ],
  ['kid', { message: 'expected "kid" as a literal name: it names the key', hint: 'write kid' }],
])

/** Parameters of RFC 7515 section 4.1, RFC 7516 section 4.1, RFC 7518 section 4 and RFC 7797. */
const REGISTERED: ReadonlySet<string> = new Set([
  ...'alg jku jwk kid x5u x5c x5t x5t#S256 typ cty crit b64'.split(' '),
  ...ENCRYPTION_PARAMETERS,
])

/** Those of a token that is only encrypted. */
const RESERVED_ENCRYPTED: Reserved = new Map([
  ...RESERVED,
  ...[...ENCRYPTION_PARAMETERS].map((name) => {
    const message = `expected no "${name}": encrypt decides it`
    return [name, { message, hint: 'leave this entry out' }] as const
  }),
  ['kid', { message: 'expected no "kid": encrypt.kid sets it', hint: 'write encrypt.kid' }],
])

/**
 * Compiles the JOSE header (RFC 7515 section 4): `base`, then the custom headers, which may replace what is in it
 * or, with null, leave it out. A computed name is never that of a registered parameter.
 */
export function compileHeader(
  config: Pick<JwtConfig, 'encrypt' | 'customHeaders'>,
  base: JsonObject,
  scope: Scope,
): MemberList {
  if (config.customHeaders) return compileWritten(config, base, scope)
  const list = PLAIN.get(base) ?? compileWritten(config, base, scope)
  PLAIN.set(base, list)
  return list
}

/** Those without custom headers, by what they consist of: the same for all policies that sign with one key. */
const PLAIN = new WeakMap<JsonObject, MemberList>()

function compileWritten(
  { encrypt, customHeaders = [] }: Pick<JwtConfig, 'encrypt' | 'customHeaders'>,
  base: JsonObject,
  scope: Scope,
): MemberList {
  const isSigned = encrypt?.signed !== false
  const written = customHeaders.flatMap((entry, index) => {
    // it is the base's already
    if (entry.value === null || (entry.name === 'kid' && isSigned)) return []
    const at = scope.at('customHeaders', index)
    return [{ ...entry, nameScope: at.at('name'), valueScope: at.at('value') }]
  })
  const reserved = isSigned ? RESERVED : RESERVED_ENCRYPTED
  const left = customHeaders.filter(({ name, value }) => value === null && !reserved.has(name))
  const absent = new Set(left.map(({ name }) => name))
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !absent.has(name)))
  const rules = { reserved, literal: REGISTERED, base: kept }
  return compileMembers(written, { ...rules, mismatch: parameterMismatch })
}

const TEXT_PARAMETERS = new Set(['typ', 'cty', 'jku', 'x5u', 'x5t', 'x5t#S256'])

/** What RFC 7515 section 4.1 says of the values of its header parameters. */
function parameterMismatch(name: string, value: Json): string | undefined {
  if (TEXT_PARAMETERS.has(name)) return typeof value === 'string' ? undefined : 'a string'
  if (name === 'jwk') {
    return isMap(value) ? undefined : 'an object'
  }
  if (name !== 'x5c') return undefined
  const isChain = Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  return isChain && value.length > 0 ? undefined : 'an array of strings'
}

/** The `kid` that a policy file writes, as `jwt.kid` or as a custom header; both at once is reported. */
export function writtenKid(
  { kid, customHeaders = [] }: Pick<JwtConfig, 'kid' | 'customHeaders'>,
  scope: Scope,
): JwtConfig['kid'] {
  let found = kid
  for (const [index, { name, value }] of customHeaders.entries()) {
    if (name !== 'kid') continue
    const fault = found === undefined ? unfit(value) : TWICE
    if (fault) {
      scope.report(['customHeaders', index], { severity: 'error', rule: 'key/kid', ...fault })
    } else {
      found = String(value)
    }
  }
  return found
}

const TWICE = { message: 'expected "kid" once', hint: 'keep one: jwt.kid or a custom header' }

function unfit(value: Json) {
  const isLiteral = typeof value === 'string' && !value.includes('#[')
  if (isLiteral && keyShape.kid.safeParse(value).success) return undefined
  return { message: 'expected literal text as "kid": it names the key', hint: 'write the name' }
}
