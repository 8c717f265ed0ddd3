import { compileMembers, type MemberList } from '../claims/index.ts'
import { kidSchema } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import type { Json } from '../types.ts'
import type { JwtConfig } from './jwt-schema.ts'

/** Parameters that no entry may set: RFC 7515 sections 4.1.1, 4.1.4 and 4.1.11, RFC 7797. */
const RESERVED = new Map([
  ['alg', { message: 'expected no "alg": it is the signingMethod', hint: 'leave this entry out' }],
  ['b64', { message: 'expected no "b64": a JWT is always encoded', hint: 'leave this entry out' }],
  [
    'crit',
    { message: 'expected no "crit": there are no extensions', hint: 'leave this entry out' },
  ],
  ['kid', { message: 'expected "kid" as a literal name: it names the key', hint: 'write kid' }],
])

/** Compiles the JOSE header (RFC 7515 section 4): `alg`, `typ: JWT`, `kid`, then the custom headers. */
export function compileHeader(
  { signingMethod, customHeaders = [] }: JwtConfig,
  kid: string | undefined,
  scope: Scope,
): MemberList {
  const written = customHeaders.flatMap((entry, index) => {
    if (entry.name === 'kid' || entry.value === null) return []
    const at = scope.at('customHeaders', index)
    return [{ ...entry, nameScope: at.at('name'), valueScope: at.at('value') }]
  })
  const hasType = !customHeaders.some(({ name, value }) => name === 'typ' && value === null)
  const base = {
    alg: signingMethod,
    ...(hasType && { typ: 'JWT' }),
    ...(kid !== undefined && { kid }),
  }
  return compileMembers(written, { reserved: RESERVED, mismatch: parameterMismatch, base })
}

const TEXT_PARAMETERS = new Set(['typ', 'cty', 'jku', 'x5u', 'x5t', 'x5t#S256'])

/** What RFC 7515 section 4.1 says of the values of its header parameters. */
function parameterMismatch(name: string, value: Json): string | undefined {
  if (TEXT_PARAMETERS.has(name)) return typeof value === 'string' ? undefined : 'a string'
  if (name === 'jwk') {
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
    return isObject ? undefined : 'an object'
  }
  if (name !== 'x5c') return undefined
  const isChain = Array.isArray(value) && value.every((entry) => typeof entry === 'string')
  return isChain && value.length > 0 ? undefined : 'an array of strings'
}

/** The `kid` that a policy file writes, as `jwt.kid` or as a custom header; both at once is reported. */
export function writtenKid(
  { kid, customHeaders = [] }: JwtConfig,
  scope: Scope,
): string | undefined {
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
  if (isLiteral && kidSchema.safeParse(value).success) return undefined
  return { message: 'expected literal text as "kid": it names the key', hint: 'write the name' }
}
