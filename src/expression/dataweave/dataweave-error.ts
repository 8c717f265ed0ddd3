/** A DataWeave text that cannot be translated: what is wrong, where, and what to write instead. */
export class DataWeaveError extends Error {
  /** Where the caret goes: an offset into the text that was given, from 0; its length for an end that came too soon. */
  readonly offset: number
  /** Characters that the caret marks; at least 1. */
  readonly length: number
  readonly hint: string

  constructor(message: string, offset: number, length: number, hint: string) {
    super(message)
    this.name = 'DataWeaveError'
    this.offset = offset
    this.length = Math.max(1, length)
    this.hint = hint
  }

  /** The same error for a text in which the translated one begins at `by`. */
  shifted(by: number): DataWeaveError {
    return new DataWeaveError(this.message, this.offset + by, this.length, this.hint)
  }
}
