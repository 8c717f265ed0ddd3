import { hash } from 'node:crypto'
import { type CacheEntry, type CacheResult, createTokenCache } from '../cache/index.ts'
import {
  chain,
  compileTimeClaims,
  compileValue,
  type Eventual,
  type Times,
} from '../claims/index.ts'
import { CountersignError } from '../errors.ts'
import { loadKey } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import { Secret } from '../secret.ts'
import type { Credential, CredentialSource, Json, JsonObject, RequestContext } from '../types.ts'
import { compactSigner } from './compact.ts'
import type { CredentialKind } from './credential-kind.ts'
import { compileHeader, writtenKid } from './jose-header.ts'
import { compileClaims } from './jwt-claims.ts'
import { fittingMembers, type JwtConfig, jwtSchema, keySchema } from './jwt-schema.ts'

/** Signs a JWT (RFC 7519) with a key of its own, for each request or once for equal ones. */
export const jwt: CredentialKind<JwtConfig> = { schema: jwtSchema, create, inspect }

/** Everything that decides a token, but for the clock and the token id. */
interface Decided {
  readonly header: JsonObject
  readonly times: Times
  readonly claims: JsonObject
}

/** A new credential, and the length of its text. */
interface Minted {
  readonly issued: Credential
  readonly length: number
}

/** One credential, by how it was had: only its trace differs. */
type ByResult = Readonly<Record<CacheResult, Credential>>

async function create(config: JwtConfig, scope: Scope): Promise<CredentialSource | undefined> {
  const { environment } = scope
  const key = await loadKey({ ...config, kid: writtenKid(config, scope) }, scope)
  const header = compileHeader(config, key?.kid, scope)
  const times = compileTimeClaims(config, scope)
  const claims = compileClaims(config, times.names, scope)
  if (!key) return undefined
  const { signer, publicJwk } = key

  const parts = [header, times, claims]
  const isConstant = parts.every(({ constant }) => constant)
  const isPerRequest =
    config.singleUse === true || config.exp === 0 || parts.some(({ volatile }) => volatile)
  const cache = createTokenCache<ByResult>({ now: environment.now })
  const sign = compactSigner(signer)
  const expAt = scope.locate(['exp'])

  function decide(context: RequestContext): Eventual<Decided> {
    return chain(header.evaluate(context), (header) =>
      chain(times.resolve(context), (times) =>
        chain(claims.evaluate(context), (claims) => ({ header, times, claims })),
      ),
    )
  }

  async function mint(decided: Decided): Promise<Minted> {
    const stamped = times.at(Math.floor(environment.now() / 1000), decided.times)
    const id = config.jti === true ? { jti: environment.uuid() } : undefined
    const all = { ...decided.claims, ...stamped, ...id }
    const text = await sign(decided.header, all)
    return { issued: credential(text, decided.header, all), length: text.length }
  }

  async function fill(decided: Decided): Promise<CacheEntry<ByResult>> {
    const issuedAt = environment.now()
    return cacheEntry(await mint(decided), issuedAt)
  }

  function unexpired(issued: Credential): Credential {
    const { expiresAt = Number.POSITIVE_INFINITY } = issued
    if (expiresAt * 1000 > environment.now()) return issued
    const place = { claim: 'exp', at: expAt }
    throw new CountersignError('token/expired', 'expected "exp" to lie in the future', place)
  }

  return {
    reads: new Set(parts.flatMap(({ reads }) => [...reads])),
    publicKeys: publicJwk ? [publicJwk] : [],
    issue: (context) =>
      chain(decide(context), (decided): Eventual<Credential> => {
        if (isPerRequest) {
          return mint(decided).then(({ issued }) => unexpired(traced(issued, 'bypass')))
        }
        const cached = cache.get(isConstant ? '' : digest(decided), () => fill(decided))
        return chain(cached, ([issued, result]) => unexpired(issued[result]))
      }),
  }
}

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

async function inspect(part: Readonly<Record<string, unknown>>, scope: Scope): Promise<void> {
  const fitting = fittingMembers(part)
  for (const name of TEXTS) {
    const text = part[name]
    if (text !== undefined && fitting[name] === undefined) {
      compileValue(text as Json, scope.at(name))
    }
  }
  // a stand-in for what is missing or wrong: it lies so far ahead that it contradicts nothing
  const { signingMethod = 'ES256', exp = Number.MAX_SAFE_INTEGER } = fitting
  const config = { privateKey: '', ...fitting, signingMethod, exp }
  const produced = compileTimeClaims(config, scope).names
  const names = [...produced].filter((name) => name !== 'exp' || fitting.exp !== undefined)
  compileHeader(config, undefined, scope)
  compileClaims(config, new Set(names), scope)
  const kid = writtenKid(config, scope)
  const key = keySchema.safeParse(part)
  if (key.success) await loadKey({ ...key.data, kid }, scope)
}

/** A digest of the decided members in an injective encoding; only their order may tell equal tokens apart. */
function digest({ header, times, claims }: Decided): string {
  return hash('sha256', JSON.stringify([header, times, claims]), 'base64')
}

function credential(value: string, header: JsonObject, claims: JsonObject): Credential {
  const { exp, jti } = claims
  const { alg, kid } = header
  return {
    value: new Secret(value),
    ...(typeof exp === 'number' && { expiresAt: exp }),
    token: { claims, header },
    trace: {
      alg: String(alg),
      ...(typeof kid === 'string' && { kid }),
      ...(typeof jti === 'string' && { jti }),
    },
  }
}

/** What a cached token must have left: a share of its lifetime, and at most this many milliseconds. */
const MARGIN = { share: 0.1, most: 5000 }

function cacheEntry({ issued, length }: Minted, issuedAt: number): CacheEntry<ByResult> {
  // every token that may be used again has an expiry
  const expiresAt = (issued.expiresAt ?? 0) * 1000
  const margin = Math.min((expiresAt - issuedAt) * MARGIN.share, MARGIN.most)
  // text counts two bytes a character at most; claims and header stand in it once more as objects
  const bytes = 4 * length
  const value = {
    miss: traced(issued, 'miss'),
    shared: traced(issued, 'shared'),
    hit: traced(issued, 'hit'),
  }
  return { value, bytes, issuedAt, usableUntil: expiresAt - margin }
}

function traced(issued: Credential, cache: CacheResult | 'bypass'): Credential {
  return { ...issued, trace: { ...issued.trace, cache } }
}
