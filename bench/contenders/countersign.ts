import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import type { Child } from '../children.ts'
import type { Contender, Running, Task } from '../contender.ts'
import { IMAGE_FLAGS } from '../image-flags.ts'
import type { Setting } from '../setting.ts'
import { policyText } from '../token-shape.ts'

/** How ours is started when not as usual. */
export interface CountersignOptions {
  readonly name?: string
  /** Default `warn`: the others write no access log either. */
  readonly logLevel?: string
  readonly flags?: readonly string[]
  /** Arguments of Node, beside those of the image. */
  readonly nodeFlags?: readonly string[]
  /** True for a program that `--import`ed code talks from. */
  readonly talks?: boolean
  /** As `taskset -c` takes them. Default: the core of the contender. */
  readonly cores?: string
  /** Writes `countersign.yaml` and `policies/`. Default: one route, one policy. */
  write?(folder: string, setting: Setting, task: Task): void
}

/** One of ours that runs. */
export interface RunningCountersign extends Running {
  /** Holds `countersign.yaml` and `policies/`. */
  readonly folder: string
  readonly child: Child
  /** When the process was started, as `performance.now()`. */
  readonly begun: number
}

/** `countersign serve` from the built package, started as the image does it. */
export function countersign(options: CountersignOptions = {}): Contender {
  return {
    name: options.name ?? 'countersign',
    signs: true,
    start: (setting, task) => startCountersign(setting, task, options),
  }
}

/** Starts ours, and resolves once it says its address. */
export async function startCountersign(
  setting: Setting,
  task: Task,
  options: CountersignOptions = {},
): Promise<RunningCountersign> {
  const { logLevel = 'warn', flags = [], nodeFlags = [], talks = false, write = writeOne } = options
  const folder = mkdtempSync(`${setting.folder}/countersign-`)
  mkdirSync(`${folder}/policies`)
  write(folder, setting, task)
  const serve = ['serve', '-c', `${folder}/countersign.yaml`, '--policies', `${folder}/policies`]
  const addresses = ['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0']
  const begun = performance.now()
  const child = setting.children.start(
    [
      process.execPath,
      ...IMAGE_FLAGS,
      ...nodeFlags,
      `${setting.package}/bin/countersign.js`,
      ...serve,
      ...addresses,
      ...['--log-level', logLevel, ...flags],
    ],
    { cores: options.cores ?? setting.cores.contender, talks, isQuiet: true },
  )
  const [, url = ''] = await child.waitFor(/^proxy\s+(http\S+?)\/?$/m)
  return { url, pid: child.pid, folder, child, begun, stop: child.stop }
}

/** Writes one route for every path, and one policy. */
export function writeOne(folder: string, { upstream, keys }: Setting, task: Task): void {
  const routes = [{ name: 'all', upstream: upstream.url }]
  writeFileSync(`${folder}/countersign.yaml`, JSON.stringify({ routes }))
  const { algorithm, reuses, place } = task
  const policy = { key: keys[algorithm], reuses, ...(place && { place }) }
  writeFileSync(`${folder}/policies/bench.yaml`, policyText(policy))
}
