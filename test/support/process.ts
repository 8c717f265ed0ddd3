import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** How to start the command line. */
export interface ProcessOptions {
  /** Added to `PATH` and a cache of compiled code; nothing else of this process's environment is handed on. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: the repository. */
  readonly cwd?: string
  /** The program that runs `args`. Default: this Node with `bin/countersign.js`. */
  readonly command?: readonly [string, ...string[]]
  readonly uid?: number
  readonly gid?: number
}

/** How a process ended. */
export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process that runs until it is told to end, at the latest when its test does. */
export interface RunningProcess {
  readonly pid: number
  /** Everything written so far. */
  stdout(): string
  stderr(): string
  /** The first match in what either output holds, or will hold within `timeout` ms (default 10 s). */
  waitFor(pattern: RegExp, timeout?: number): Promise<RegExpExecArray>
  signal(signal: NodeJS.Signals): void
  /** Closes our end of its standard output, so that it writes to nobody. */
  closeStdout(): void
  readonly exited: Promise<Exit>
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))
const COUNTERSIGN = [process.execPath, `${REPOSITORY}bin/countersign.js`] as const
/** Hundreds of processes run the same sources, which Node compiles once then. */
const CACHE = { NODE_COMPILE_CACHE: `${REPOSITORY}node_modules/.cache/compiled` }

/** Starts `countersign <args>`. */
export function startCountersign(
  args: readonly string[],
  { env = {}, cwd = REPOSITORY, command = COUNTERSIGN, uid, gid }: ProcessOptions = {},
): RunningProcess {
  const [program, ...first] = command
  const child = spawn(program, [...first, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...(command === COUNTERSIGN && CACHE), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const notify = () => {
    for (const watcher of watchers) watcher()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    notify()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    notify()
  })
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
      notify()
    })
  })
  stopAfterTest(child, exited)

  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    signal: (signal) => void child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
    exited,
    waitFor(pattern, timeout = 10_000) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
      const look = () => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr)
        if (match) resolve(match)
        else if (child.exitCode !== null) reject(new Error(`ended without ${pattern}\n${stderr}`))
      }
      const timer = setTimeout(
        () => reject(new Error(`no ${pattern} within ${timeout} ms\n${stdout}\n${stderr}`)),
        timeout,
      )
      watchers.add(look)
      look()
      return promise.finally(() => {
        clearTimeout(timer)
        watchers.delete(look)
      })
    },
  }
}

/** Runs `countersign <args>` to its end. */
export function runCountersign(args: readonly string[], options?: ProcessOptions): Promise<Exit> {
  return startCountersign(args, options).exited
}

function stopAfterTest(child: ReturnType<typeof spawn>, exited: Promise<Exit>): void {
  try {
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await exited.catch(() => {})
    })
  } catch {
    // Started outside a test, where vitest refuses the hook: whoever started it ends it.
  }
}
