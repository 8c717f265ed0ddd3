import type { Algorithm } from './keys.ts'
import type { Setting } from './setting.ts'

/** What a contender is asked to do. */
export interface Task {
  readonly algorithm: Algorithm
  /** True when a token serves again for equal claims; false signs for each request. */
  readonly reuses: boolean
  /** Where the token goes. Default: `authorization`. */
  readonly place?: 'body'
}

/** Something that forwards, and takes part in scenarios. */
export interface Contender {
  readonly name: string
  /** False for one that only forwards: a yardstick. */
  readonly signs: boolean
  /** The Debian package that it needs, beside nginx. */
  readonly needs?: string
  /** Resolves once it answers. */
  start(setting: Setting, task: Task): Promise<Running>
}

/** A contender that answers. */
export interface Running {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}
