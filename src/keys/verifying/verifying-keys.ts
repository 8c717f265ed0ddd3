import type { KeyObject } from 'node:crypto'
import type { AlgorithmName } from '../algorithms.ts'

/** What a token says of the key that signed it. */
export interface KeyHint {
  readonly alg: AlgorithmName
  /** Compared only; never a path, URL or query. */
  readonly kid?: string
}

/** The keys of one issuer. */
export interface VerifyingKeys {
  /**
   * Keys that may have signed a token with this header, each fit for its algorithm; none when the key is unknown.
   * Throws `key/unavailable` when the set is out of reach and no earlier one may be used.
   */
  find(hint: KeyHint): readonly KeyObject[] | Promise<readonly KeyObject[]>
}
