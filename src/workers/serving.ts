import type { Environment } from '../environment.ts'
import { createPublishedKeys } from '../leftover-keys.ts'
import type { ConfigurationEvent, ConfigurationState, Observer } from '../observe.ts'
import type { JsonObject } from '../types.ts'
import type { Reading, Refused } from './methods.ts'

/** What all workers serve, as the primary tells of it: once, for all of them. */
export interface Serving {
  /** The reading that serves. */
  readonly reading: Reading
  /** Its number, from 1; readings that were refused have one, too. */
  readonly generation: number
  state(): ConfigurationState
  /** What any worker signs with, or signed with less than `jwks.overlap` ago. */
  publicKeys(): readonly JsonObject[]
  /** Publishes the keys of `next`, with which workers sign from now on. */
  begin(next: Reading): void
  /** Tells how the reading of this number ended. */
  tell(generation: number, outcome: Reading | Refused): void
}

/** Begins with the first reading, and tells of it. */
export function createServing(
  first: Reading,
  environment: Environment,
  observe: Observer,
): Serving {
  const published = createPublishedKeys(first.publicKeys, () => environment.monotonic())
  let reading = first
  let generation = 1
  let loadedAt = environment.now()
  let since = environment.monotonic()
  let refusals: readonly string[] = []
  let degraded = false
  tellAccepted(first)

  function tellAccepted({ policies, disabled, findings }: Reading): void {
    observe(event({ accepted: true, generation, policies, disabled, findings }))
  }
  return {
    get reading() {
      return reading
    },
    get generation() {
      return generation
    },
    state: () => ({
      ...{ generation, loadedAt, degraded, refusals },
      age: environment.monotonic() - since,
    }),
    publicKeys: published.now,
    begin: (next) => published.replace(next.publicKeys, next.jwks.overlap),
    tell(number, outcome) {
      degraded = 'refused' in outcome
      if ('refused' in outcome) {
        const findings = outcome.refused
        const errors = findings.filter(({ severity }) => severity === 'error')
        refusals = errors.map(({ text }) => text)
        observe(event({ accepted: false, generation: number, policies: 0, disabled: 0, findings }))
        return
      }
      reading = outcome
      generation = number
      loadedAt = environment.now()
      since = environment.monotonic()
      refusals = []
      tellAccepted(outcome)
    },
  }
}

function event(told: Omit<ConfigurationEvent, 'type'>): ConfigurationEvent {
  return { type: 'configuration', ...told }
}
