import { setTimeout } from 'node:timers/promises'
import type { Environment } from '../environment.ts'
import { followLinks } from './followed-links.ts'
import { type Loaded, type LoadOptions, type ReadingOptions, readOnce } from './read-once.ts'
import { UnreadableError } from './unreadable-error.ts'

/**
 * Reads the gateway file and the policies, checks everything that can be checked without a request, and
 * compiles them. Rejects with `UnreadableError` when a path cannot be looked at.
 */
export function loadConfiguration(options: LoadOptions, environment: Environment): Promise<Loaded> {
  return readConfiguration(options, environment, {})
}

/** Readings while links are swapped, and the milliseconds between them, first and at most: two seconds in all. */
const TRIES = 12
const PAUSE = { first: 20, most: 200 }

/**
 * Does the same for a gateway that is kept up to date. Policies and the keys beside them are of one generation:
 * what was read while a link on the way to it was swapped is read again.
 */
export async function readConfiguration(
  options: LoadOptions,
  environment: Environment,
  reading: ReadingOptions,
): Promise<Loaded> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await setTimeout(Math.min(PAUSE.first * 2 ** (tries - 1), PAUSE.most))
    const links = followLinks(environment)
    const [outcome] = await Promise.allSettled([readOnce(options, links, reading)])
    if (await links.haveMoved()) continue
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  throw new UnreadableError(options.policies ?? options.config ?? '', 'EBUSY')
}
