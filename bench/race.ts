import type { Contender, Running, Task } from './contender.ts'
import type { Finding } from './finding.ts'
import { measure } from './measure.ts'
import type { Samples } from './sample.ts'
import type { Outcome, Scenario } from './scenario.ts'
import type { Setting } from './setting.ts'
import { CALLER } from './token-shape.ts'
import { type Checked, verify } from './verify.ts'
import type { Load } from './wrk.ts'

/** A scenario in which contenders do the same. */
export interface Race {
  readonly name: string
  readonly about: string
  readonly task: Task
  readonly contenders: readonly Contender[]
  /** Default: a small GET of one caller. */
  readonly load?: Partial<Load>
  /** What is checked before. Default: the same request as that of the load. */
  readonly checked?: Checked
  findings?(samples: Samples): readonly Finding[]
}

/** Starts all contenders, verifies a response of each, and loads them by turns. */
export function race({ name, about, task, contenders, findings, ...rest }: Race): Scenario {
  const load: Load = { path: '/orders/7', headers: CALLER, ...rest.load }
  const checked = rest.checked ?? { path: load.path }
  return {
    name,
    about,
    async run(setting: Setting): Promise<Outcome> {
      const running = new Map<string, Running>()
      for (const contender of contenders) {
        if (setting.missing.has(contender.needs ?? '')) continue
        const started = await contender.start(setting, task)
        running.set(contender.name, started)
        const signed = { ...task, key: setting.keys[task.algorithm] }
        await verify(contender, started.url, signed, checked)
      }
      const samples = await measure(setting, running, load)
      return { samples, findings: findings?.(samples) ?? [] }
    },
  }
}
