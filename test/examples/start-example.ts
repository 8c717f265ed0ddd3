import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** An example that runs. */
export interface RunningExample {
  /** Every line it has printed. */
  readonly lines: readonly string[]
  /** The first group of the first line that fits; rejects when the example ends before. */
  printed(pattern: RegExp): Promise<string>
  /** Ends it with SIGTERM, and gives its exit code. */
  stop(): Promise<number | null>
}

/** Runs `examples/<name>/run.ts`; it is stopped when the test has finished. */
export function startExample(name: string): RunningExample {
  const script = fileURLToPath(new URL(`../../examples/${name}/run.ts`, import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const lines: string[] = []
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line)
      for (const look of waiting) look()
    })
  }
  const stop = async () => {
    child.kill()
    const [code] = await exited
    return code as number | null
  }
  onTestFinished(async () => void (await stop()))
  return {
    lines,
    stop,
    printed(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const look = () => {
        const found = lines.map((line) => pattern.exec(line)?.[1]).find((text) => text)
        if (found) resolve(found)
      }
      waiting.add(look)
      look()
      void exited.then(() => reject(new Error(`it ended; it had printed\n${lines.join('\n')}`)))
      return promise.finally(() => waiting.delete(look))
    },
  }
}
