import { appendFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { LoadReport } from './open-loop-process.ts'

/** A figure of `docs/reliability.md`, found there by its goal and fault. */
export interface Measured {
  /** `R12` */
  readonly goal: string
  /** As the table has it. */
  readonly fault: string
  /** In words: `p99 14 ms, 0 of 5,000 failed, recovery 0.2 s` */
  readonly measured: string
}

const FOLDER = new URL('../../test-results/', import.meta.url)

/** Where the figures of all runs are, a JSON line each; `scripts/reliability.ts` brings the last ones into the table. */
export const MEASURED = fileURLToPath(new URL('reliability.jsonl', FOLDER))

/** Notes what a run measured, whether or not it is what was wanted. */
export function note(measured: Measured): void {
  mkdirSync(FOLDER, { recursive: true })
  appendFileSync(MEASURED, `${JSON.stringify(measured)}\n`)
}

/** `p99 14 ms, 3 of 5,000 failed` */
export function figures({ p99, sent, ok }: LoadReport): string {
  const latency = Number.isNaN(p99) ? '' : `p99 ${Math.round(p99)} ms, `
  return `${latency}${thousands(sent - ok)} of ${thousands(sent)} failed`
}

function thousands(count: number): string {
  return count.toLocaleString('en')
}
