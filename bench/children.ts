import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { processTree } from './process-tree.ts'

/** How a program is started. */
export interface ChildOptions {
  /** The cores it may run on, as `taskset -c` takes them. */
  readonly cores: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** True when it talks over `process.send`. Default false. */
  readonly talks?: boolean
  /** True when what it writes to standard output is for nobody. Default false. */
  readonly isQuiet?: boolean
}

/** A program that runs. */
export interface Child {
  readonly pid: number
  /** The first match in what it has written, or will write within 60 s. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends it a message and resolves with the next one that it sends. */
  ask(message: string): Promise<unknown>
  /** All that it wrote, once it has ended with code 0. */
  finished(): Promise<string>
  stop(): Promise<void>
}

/** Programs of one run, none of which outlives it. */
export interface Children {
  start(command: readonly [string, ...string[]], options: ChildOptions): Child
  /** Stops all that run, or all but one. */
  stopAll(but?: number): Promise<void>
}

const START_LIMIT = 60_000
const STOP_LIMIT = 3000

/** Creates an empty set of programs. */
export function createChildren(): Children {
  const running = new Set<Child>()
  return {
    start([program, ...args], { cores, env, talks = false, isQuiet = false }) {
      const output = isQuiet ? 'ignore' : 'pipe'
      const spawned = spawn('taskset', ['-c', cores, program, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', output, 'pipe', ...(talks ? ['ipc' as const] : [])],
      })
      const child = follow(spawned, program, () => running.delete(child))
      running.add(child)
      return child
    },
    async stopAll(but) {
      const stopping = [...running].filter(({ pid }) => pid !== but)
      await Promise.all(stopping.map((child) => child.stop()))
    },
  }
}

function follow(child: ChildProcess, program: string, ended: () => void): Child {
  let output = ''
  const written = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      // log lines of a long run must not fill the memory
      if (output.length < 1_000_000) output += text
      for (const look of written) look()
    })
  }
  const exited = once(child, 'close').finally(ended)
  exited.catch(() => {})
  const { pid = 0 } = child
  return {
    pid,
    async waitFor(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>()
      const look = () => {
        const match = pattern.exec(output)
        if (match) resolve(match)
      }
      const fail = () => reject(new Error(`${program} did not start:\n${output.slice(-2000)}`))
      const timer = setTimeout(fail, START_LIMIT)
      written.add(look)
      exited.then(fail, reject)
      look()
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        written.delete(look)
      }
    },
    async ask(message) {
      const answer = once(child, 'message')
      child.send(message)
      return (await answer)[0]
    },
    async finished() {
      await exited
      if (child.exitCode === 0) return output
      throw new Error(`${program} failed:\n${output.slice(-2000)}`)
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const tree = processTree(pid)
      child.kill('SIGTERM')
      const timer = setTimeout(() => {
        for (const { pid: late } of tree) killIfThere(late)
      }, STOP_LIMIT)
      await exited.catch(() => {})
      clearTimeout(timer)
    },
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended meanwhile
  }
}
