import type { Setting } from './settings.ts'

/** What an epoch in milliseconds comes to. */
export type Epoch =
  | { readonly kind: 'default' }
  | { readonly kind: 'constant'; readonly seconds: number; readonly note?: string }
  | { readonly kind: 'person'; readonly note: string }

/** 1973-03-03 in milliseconds: whoever writes less has most likely written seconds. */
const LEAST = 100_000_000_000
/** 9999-12-31. */
const MOST = 253_402_300_799_999

/** Reads an epoch; blank and 0 are the default of the rule. Milliseconds become seconds and are never guessed. */
export function readEpoch(setting: Setting | undefined): Epoch {
  if (setting === undefined) return { kind: 'default' }
  if (setting.expression !== undefined) {
    const note = 'an expression that gives milliseconds: write one that gives seconds'
    return { kind: 'person', note }
  }
  const milliseconds = numberOf(setting.value)
  if (milliseconds === 0) return { kind: 'default' }
  const expected = 'expected milliseconds since 1970 as a whole number'
  if (milliseconds === undefined || milliseconds > MOST) return { kind: 'person', note: expected }
  if (milliseconds < LEAST) {
    return {
      kind: 'person',
      note: `${expected}; this looks like seconds: write 1000 times as much`,
    }
  }
  const seconds = Math.floor(milliseconds / 1000)
  const note = milliseconds % 1000 === 0 ? {} : { note: 'no whole second: cut to one' }
  return { kind: 'constant', seconds, ...note }
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}
