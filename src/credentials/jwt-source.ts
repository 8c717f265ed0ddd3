import { createTokenCache } from '../cache/index.ts'
import { allReads, chain, type Eventual, type Times } from '../claims/index.ts'
import type { Environment } from '../environment.ts'
import { CountersignError } from '../errors.ts'
import type { Credential, CredentialSource, JsonObject, RequestContext } from '../types.ts'
import type { JwtParts } from './compile-jwt.ts'
import { contextView } from './context-view.ts'
import type { SourceOptions } from './credential-kind.ts'
import { asHad, cacheable, credentialOf, type Minted } from './minted.ts'
import type { Reuse } from './reuse.ts'
import { tokenKey } from './token-key.ts'

/** What a source of JWTs has beside the parts of its block. */
export interface JwtSourceOptions extends Pick<SourceOptions, 'onRenewalFailure' | 'share'> {
  /** Absent: every request gets a token of its own. */
  readonly reuse: Reuse | undefined
  /** True when each token gets a UUID as `jti`. */
  readonly hasId: boolean
  /** True when none may be sent twice. */
  readonly isSingleUse: boolean
  /** `file:line:col` of `exp`. */
  readonly expAt: string
  readonly environment: Environment
}

/** What expressions give of a token; the rest follows from the clock and the ids. */
interface Decided {
  readonly header: JsonObject
  readonly times: Times
  readonly claims: JsonObject
}

/** Makes the credential source of the compiled parts of a `jwt` block. */
export function createJwtSource(parts: JwtParts, options: JwtSourceOptions): CredentialSource {
  const { sealing, header, times, claims } = parts
  const { reuse, hasId, isSingleUse, expAt, environment, onRenewalFailure, share } = options
  const lists = [header, times, claims]
  const reads = allReads(lists)
  const readsOwn = reads.has('account') || reads.has('key')
  const see = contextView(readsOwn, reuse?.isStatic ?? false, sealing.sees)

  function decide(context: RequestContext, how: 'evaluate' | 'settled'): Eventual<Decided> {
    return chain(header[how](context), (header) =>
      chain(times[how](context), (times) =>
        chain(claims[how](context), (claims) => ({ header, times, claims })),
      ),
    )
  }

  function mint(
    { header, times: explicit, claims }: Decided,
    now: number = seconds(),
  ): Eventual<Minted> {
    const id = hasId ? { jti: environment.uuid() } : undefined
    const all = { ...claims, ...times.at(now, explicit), ...id }
    const reuseUntil = times.reuseUntil(now)
    const { trace, validTo } = sealing
    return chain(sealing.seal(header, all), (text) => ({
      ...{ text, header, claims: all, trace },
      ...(reuseUntil !== undefined && { reuseUntil }),
      ...(validTo !== undefined && { validTo }),
    }))
  }

  function seconds(): number {
    return Math.floor(environment.now() / 1000)
  }

  function unexpired(issued: Credential): Credential {
    const { expiresAt = Number.POSITIVE_INFINITY } = issued
    if (expiresAt * 1000 > environment.now()) return issued
    const place = { claim: 'exp', at: expAt }
    throw new CountersignError('token/expired', 'expected "exp" to lie in the future', place)
  }

  const common = { reads, publicKeys: sealing.published }
  if (!reuse) {
    return {
      ...common,
      close: () => undefined,
      issue: (context) =>
        chain(chain(decide(see(context), 'evaluate'), mint), (minted) => {
          const issued = unexpired(credentialOf(minted, 'bypass'))
          return isSingleUse ? { ...issued, isSingleUse } : issued
        }),
    }
  }

  const cache = createTokenCache<Credential>({
    settings: reuse.settings,
    environment,
    keepFresh: reuse.isStatic,
    onRenewalFailure,
  })
  const isConstant = lists.every(({ constant }) => constant)
  let isClosed = false
  const isVolatile = lists.some(({ volatile }) => volatile)
  const areClaimsAlone = header.constant && times.constant

  function keyOf({ header, times, claims }: Decided): string {
    if (isConstant) return ''
    return tokenKey(areClaimsAlone ? claims : [header, times, claims])
  }

  return {
    ...common,
    close() {
      isClosed = true
      cache.close()
    },
    issue(context) {
      const seen = see(context)
      return chain(decide(seen, 'settled'), (decided) => {
        const key = keyOf(decided)
        const mintAnew = async (now?: number) =>
          mint(isVolatile ? await decide(seen, 'evaluate') : decided, now)
        const mintOnce = () => {
          // what serves no more must not tell others of its tokens
          if (!share || isClosed) return mintAnew()
          const now = seconds()
          // the token of this window, whatever time it takes to learn that nobody has it
          return share(key, times.reuseUntil(now) ?? now, () => mintAnew(now))
        }
        const make = async () => cacheable(await mintOnce(), key)
        return chain(cache.get(key, make), ([hit, result]) => unexpired(asHad(hit, result)))
      })
    },
  }
}
