import type { Children } from './children.ts'
import type { Cores } from './cores.ts'
import type { Algorithm, BenchKey } from './keys.ts'
import type { Upstream } from './upstream.ts'

/** What everything in a run shares. */
export interface Setting {
  /** For files; removed at the end. */
  readonly folder: string
  readonly cores: Cores
  readonly children: Children
  readonly keys: Readonly<Record<Algorithm, BenchKey>>
  readonly upstream: Upstream
  /** The package as it would be installed: holds `bin/countersign.js` and `dist`. */
  readonly package: string
  /** Debian packages that are not installed. */
  readonly missing: ReadonlySet<string>
  readonly rounds: number
  /** How long each contender is loaded in a round. */
  readonly seconds: number
}
