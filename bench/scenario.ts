import type { Finding } from './finding.ts'
import type { Samples } from './sample.ts'
import type { Setting } from './setting.ts'

/** One thing that is measured. */
export interface Scenario {
  readonly name: string
  /** What happens in it, in a sentence for the table. */
  readonly about: string
  /** Processes that it leaves running are stopped behind it. */
  run(setting: Setting): Promise<Outcome>
}

/** What a scenario gave. */
export interface Outcome {
  /** Empty when nothing was loaded. */
  readonly samples: Samples
  /** What it says about the targets. */
  readonly findings: readonly Finding[]
}
