import { inspect } from 'node:util'

const REDACTED = '«redacted»'

/**
 * A string that never prints itself: not through `String()`, `JSON.stringify`, `console.log` or an
 * error message. `reveal()` is the only way out, so `grep -rn 'reveal()' src` lists every use.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}
