import { hash } from 'node:crypto'
import { createTokenCache } from '../cache/index.ts'
import { chain, type Eventual, type Times } from '../claims/index.ts'
import type { Environment } from '../environment.ts'
import { CountersignError } from '../errors.ts'
import type { Credential, CredentialSource, JsonObject, RequestContext } from '../types.ts'
import type { JwtParts } from './compile-jwt.ts'
import { contextView } from './context-view.ts'
import type { SourceOptions } from './credential-kind.ts'
import { cacheable, credentialOf, type Minted, type Results } from './minted.ts'
import type { Reuse } from './reuse.ts'

/** What a source of JWTs has beside the parts of its block. */
export interface JwtSourceOptions extends Pick<SourceOptions, 'onRenewalFailure'> {
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
  const { reuse, hasId, isSingleUse, expAt, environment, onRenewalFailure } = options
  const lists = [header, times, claims]
  const reads = new Set(lists.flatMap((list) => [...list.reads]))
  const readsOwn = reads.has('account') || reads.has('key')
  const see = contextView(readsOwn, reuse?.isStatic ?? false, sealing.sees)

  function decide(context: RequestContext, how: 'evaluate' | 'settled'): Eventual<Decided> {
    return chain(header[how](context), (header) =>
      chain(times[how](context), (times) =>
        chain(claims[how](context), (claims) => ({ header, times, claims })),
      ),
    )
  }

  async function mint(decided: Decided): Promise<Minted> {
    const now = Math.floor(environment.now() / 1000)
    const id = hasId ? { jti: environment.uuid() } : undefined
    const all = { ...decided.claims, ...times.at(now, decided.times), ...id }
    const text = await sealing.seal(decided.header, all)
    const reuseUntil = times.reuseUntil(now)
    const { trace, validTo } = sealing
    return {
      ...{ text, header: decided.header, claims: all, trace },
      ...(reuseUntil !== undefined && { reuseUntil }),
      ...(validTo !== undefined && { validTo }),
    }
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
        chain(decide(see(context), 'evaluate'), async (decided) => {
          const issued = unexpired(credentialOf(await mint(decided), 'bypass'))
          return isSingleUse ? { ...issued, isSingleUse } : issued
        }),
    }
  }

  const cache = createTokenCache<Results>({
    settings: reuse.settings,
    environment,
    keepFresh: reuse.isStatic,
    onRenewalFailure,
  })
  const isConstant = lists.every(({ constant }) => constant)
  const isVolatile = lists.some(({ volatile }) => volatile)

  return {
    ...common,
    close: cache.close,
    issue(context) {
      const seen = see(context)
      return chain(decide(seen, 'settled'), (decided) => {
        const make = async () =>
          cacheable(await mint(isVolatile ? await decide(seen, 'evaluate') : decided))
        const cached = cache.get(isConstant ? '' : digest(decided), make)
        return chain(cached, ([results, result]) => unexpired(results[result]))
      })
    },
  }
}

/** A digest of the decided members in an injective encoding; only their order may tell equal tokens apart. */
function digest({ header, times, claims }: Decided): string {
  return hash('sha256', JSON.stringify([header, times, claims]), 'base64')
}
