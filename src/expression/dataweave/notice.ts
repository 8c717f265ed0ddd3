/** Something that was translated, but deserves a look. */
export interface Notice {
  readonly message: string
  /** Offset into the text that was given, from 0. */
  readonly offset: number
  /** Characters that it is about; at least 1. */
  readonly length: number
  readonly hint?: string
}
