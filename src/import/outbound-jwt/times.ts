import type { Json, JsonObject } from '../../types.ts'
import { type Epoch, readEpoch } from './epoch.ts'
import type { Settings } from './settings.ts'

const NAMES = {
  iat: 'Issued At Epoch',
  nbf: 'Not Before Epoch',
  exp: 'Expiration Epoch',
} as const

/** What surrounds the times of a rule. */
export interface TimesAround {
  /** Seconds that the account's tokens live. */
  readonly ttl: number | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * `iat`, `nbf` and `exp` of a `jwt` block with the defaults of the rule: now, now − 2 s, now + the account's TTL. What
 * needs a person is left out.
 */
export function translateTimes(settings: Settings, { ttl, now }: TimesAround): JsonObject {
  const iat = readEpoch(settings.find(NAMES.iat))
  const isNow = iat.kind === 'default'
  return {
    ...member(settings, 'iat', iat, () => true),
    ...member(settings, 'nbf', readEpoch(settings.find(NAMES.nbf)), () => {
      if (isNow) return { offset: -2 }
      settings.notice(NAMES.nbf, 'two seconds before now, not before iat: no token is used twice')
      return '#[$nowSeconds() - 2]'
    }),
    ...member(settings, 'exp', expiry(readEpoch(settings.find(NAMES.exp)), now), () => {
      return isNow || ttl === undefined ? undefined : { after: ttl, from: 'now' }
    }),
  }
}

function member(
  settings: Settings,
  claim: keyof typeof NAMES,
  epoch: Epoch,
  byDefault: () => Json | undefined,
): JsonObject {
  if (epoch.kind === 'person') {
    settings.person(NAMES[claim], epoch.note)
    return {}
  }
  if (epoch.kind === 'default') {
    const value = byDefault()
    return value === undefined ? {} : { [claim]: value }
  }
  const notes = ['the same in every token', ...(epoch.note === undefined ? [] : [epoch.note])]
  settings.notice(NAMES[claim], notes.join('; '))
  return { [claim]: `#[${epoch.seconds}]` }
}

function expiry(epoch: Epoch, now: number): Epoch {
  if (epoch.kind !== 'constant' || epoch.seconds * 1000 > now) return epoch
  return { kind: 'person', note: 'lies in the past: every token would have expired' }
}
