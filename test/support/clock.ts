import { createHash } from 'node:crypto'
import type { Environment } from '../../src/environment.ts'

/** What a test fixes; all of it may be left out. */
export interface FixedOptions {
  /** Milliseconds since the epoch, or an ISO 8601 text. Default `2026-01-01T00:00:00Z`. */
  readonly now?: number | string
  /** UUIDs handed out in this order; afterwards (and by default) they count up from 1. */
  readonly uuids?: readonly string[]
  /** The only environment variables there are. */
  readonly variables?: Readonly<Record<string, string>>
  /** The only files there are, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
}

/** An environment whose clock stands still until the test moves it. */
export interface FixedEnvironment extends Environment {
  /** Sets the wall clock, as an operator might: milliseconds since the epoch, or an ISO 8601 text. */
  setNow(now: number | string): void
  /** Lets time pass, on both clocks. */
  advance(milliseconds: number): void
}

/** An `Environment` in which two runs of a test see the same clock, UUIDs, random bytes, variables and files. */
export function fixedEnvironment(options: FixedOptions = {}): FixedEnvironment {
  let now = milliseconds(options.now ?? '2026-01-01T00:00:00Z')
  let monotonic = 0
  let uuidCount = 0
  let randomCount = 0
  const variables = new Map(Object.entries(options.variables ?? {}))
  const files = new Map(Object.entries(options.files ?? {}))

  return {
    now: () => now,
    setNow(next) {
      now = milliseconds(next)
    },
    advance(by) {
      now += by
      monotonic += by
    },
    monotonic: () => monotonic,
    uuid() {
      uuidCount += 1
      return options.uuids?.[uuidCount - 1] ?? countedUuid(uuidCount)
    },
    random: (length) => countedBytes(++randomCount, length),
    variable: (name) => variables.get(name),
    async readFile(path) {
      const content = files.get(path)
      if (content === undefined) {
        throw Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT' })
      }
      return Buffer.from(content)
    },
    permissions: async () => ({ mode: 0o600, isOwn: true, isMounted: false }),
    descriptorLimit: () => undefined,
  }
}

function milliseconds(time: number | string): number {
  const value = typeof time === 'number' ? time : Date.parse(time)
  if (!Number.isFinite(value)) throw new TypeError('expected milliseconds or an ISO 8601 time')
  return value
}

function countedUuid(count: number): string {
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
}

function countedBytes(count: number, length: number): Uint8Array {
  return createHash('shake256', { outputLength: length }).update(`random ${count}`).digest()
}
