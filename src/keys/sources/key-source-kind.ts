import type { Kind } from '../../kind.ts'
import type { FoundKey } from '../key-material.ts'

/** Members of a key source, and what may be quoted of them. */
export type KeyReferences = Readonly<Record<string, RegExp | null>>

/** A kind of key source. */
export interface KeySourceKind<Config, Found extends FoundKey = FoundKey>
  extends Kind<Config, Found> {
  /** The key of the map that tells it from the other kinds; undefined for text. */
  readonly key: keyof Config | undefined
  /**
   * Its members by name, each with the form of a text that surely says where the key is and so may be quoted. Other
   * text there may be the key itself, put in the wrong place; null: it is never quoted.
   */
  readonly references: KeyReferences
}
