import { type CacheSettings, MARGIN } from '../cache/index.ts'
import { readsNoRequest } from '../claims/index.ts'
import type { Scope } from '../kind.ts'
import type { JwtParts } from './compile-jwt.ts'
import type { JwtConfig } from './jwt-schema.ts'

/** How tokens are used again. */
export interface Reuse {
  readonly settings: CacheSettings
  /** True when no request decides the token. */
  readonly isStatic: boolean
}

/**
 * How the tokens of a `jwt` block are used again; undefined when each request gets one of its own. `cache` is the
 * policy's. Reports what contradicts it.
 */
export function reuseOf(
  config: JwtConfig,
  { header, times, claims, exp }: JwtParts,
  cache: CacheSettings | undefined,
  scope: Scope,
): Reuse | undefined {
  const { singleUse = false, minReuse = 0 } = config
  const isWritten = cache !== undefined || minReuse > 0
  const lists = [header, times, claims]
  const isBounded = exp !== 0 || cache?.ttl !== undefined || minReuse > 0
  const reads = new Set(lists.flatMap((list) => [...list.reads]))
  const isOneTime = claims.oneTime || reads.has('body') || lists.some((list) => list.volatile)
  // from the time of signing on; no exp, or one that a request decides, says nothing here
  const life = typeof exp === 'string' ? undefined : times.at(0, {}).exp
  if (life !== undefined) checkWindow(minReuse, life, scope)
  if (isWritten && singleUse) reportSingleUse(cache ? 'cache' : 'minReuse', scope)
  if (singleUse || !isBounded || (isOneTime && !isWritten)) return undefined
  for (const { unshared } of lists) for (const place of unshared) reportUnshared(place)
  if (cache?.ttl !== undefined && life !== undefined) {
    checkTtl(cache.ttl, life, scope.at(config.exp === undefined ? 'account' : 'exp'))
  }
  return {
    settings: { ...cache },
    isStatic: readsNoRequest(reads),
  }
}

function reportSingleUse(beside: string, scope: Scope): void {
  scope.report(['singleUse'], {
    severity: 'error',
    rule: 'cache/single-use',
    message: `expected no singleUse beside "${beside}", which uses a token again`,
    hint: 'keep one of the two',
  })
}

/** A volatile value is left out of the cache key: what it says of one caller would reach the others. */
function reportUnshared(place: Scope): void {
  place.report([], {
    severity: 'error',
    rule: 'cache/unshared',
    message:
      'expected a value that is new each time or reads the request, not both: tokens are used again here',
    hint: 'write two claims, or leave cache and minReuse out',
  })
}

function checkWindow(minReuse: number, life: number, scope: Scope): void {
  const last = Math.min(life * MARGIN.share, MARGIN.most / 1000)
  if (life <= 0 || life - last >= minReuse) return
  scope.report(['minReuse'], {
    severity: 'error',
    rule: 'claim/time',
    message: `expected "exp" to lie at least ${MARGIN.most / 1000} seconds after the ${minReuse} of minReuse`,
    hint: 'both count from the begin of the window; write a longer exp',
  })
}

function checkTtl(ttl: number, life: number, place: Scope): void {
  if (ttl <= life) return
  place.report([], {
    severity: 'warning',
    rule: 'cache/ttl-exceeds-exp',
    message: `expected "exp" to reach beyond cache.ttl (${ttl} seconds): a token is not kept until then`,
    hint: 'write a longer exp or a shorter ttl',
  })
}
