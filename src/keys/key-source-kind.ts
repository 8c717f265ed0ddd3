import type { Kind } from '../kind.ts'
import type { KeyMaterial } from './key-material.ts'

/** A kind of key source. */
export interface KeySourceKind<Config> extends Kind<Config, KeyMaterial> {
  /** The one key of the map that it is written as; undefined for text. */
  readonly key: keyof Config | undefined
}
