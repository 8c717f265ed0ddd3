import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** Everything the core takes from outside: passed in, never ambient, so that tests can fix it. */
export interface Environment {
  /** Wall clock in milliseconds since the epoch. */
  now(): number
  /** A random UUID (RFC 9562, version 4). */
  uuid(): string
  /** Cryptographically random bytes. */
  random(length: number): Uint8Array
  /** The value of an environment variable, or undefined when it is not set. */
  variable(name: string): string | undefined
  /** The bytes of a file. Rejects as `node:fs` does. */
  readFile(path: string): Promise<Buffer>
}

/** The environment of a running process. */
export function systemEnvironment(): Environment {
  return {
    now: Date.now,
    uuid: randomUUID,
    random: randomBytes,
    variable: (name) => process.env[name],
    readFile,
  }
}
