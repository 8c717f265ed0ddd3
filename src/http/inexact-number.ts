/**
 * A number of a JSON body that a double would round, kept as its text: an identifier of 20 digits stays
 * what it was, and arithmetic on it fails instead of being wrong.
 */
export class InexactNumber {
  /** The number as written. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}
