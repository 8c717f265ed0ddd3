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

  /** True for a secret of the same text. */
  equals(other: Secret | undefined): boolean {
    return other !== undefined && this.#value === other.#value
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

/**
 * What surely says where a secret is: the name of a variable, the path of a file, words as people name things, with
 * few digits. Other text there may be the secret itself, put in the wrong place, so no message quotes it.
 */
export const SECRET_REFERENCE = {
  env: /^[A-Z][A-Z0-9]{0,19}(?:_[A-Z0-9]{1,20})*$/,
  words: /^\/?[A-Za-z]{1,20}\d{0,4}(?:[ ._/-][A-Za-z]{0,20}\d{0,4}){0,8}$/,
  file: /^(?:\.{0,2}\/[^\s:@]+|(?:[^/\s:@]{1,40}\/)*[^/\s:@]{1,40}\.[A-Za-z0-9]{1,8})$/,
} as const satisfies Record<string, RegExp>
