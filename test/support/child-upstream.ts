import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterThisTest } from './after-test.ts'

/** What an upstream in a process of its own is like; all of it may be left out. */
export interface ChildUpstreamOptions {
  /** Milliseconds that an answer takes, from and to. Default 5 to 15. */
  readonly delay?: readonly [number, number]
  /** Milliseconds after which it closes a connection without requests. Default 60,000. */
  readonly idle?: number
  /** False to say nothing of that in `Keep-Alive`. Default true. */
  readonly announce?: boolean
  /** Where it listens: `0.0.0.0` for every address of this machine. Default `127.0.0.1`. */
  readonly host?: string
  /** Connections that wait to be accepted. Default 511. */
  readonly backlog?: number
  /** Files of a certificate and its key, to speak TLS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** What the program is told. */
export interface UpstreamProgramOptions extends Required<Omit<ChildUpstreamOptions, 'tls'>> {
  readonly port: number
  readonly tls?: ChildUpstreamOptions['tls']
}

/** An upstream that can die; it answers `{ authorization, bytes }` as it got them. */
export interface ChildUpstream {
  readonly port: number
  /** `http://127.0.0.1:<port>`, or `https:` */
  readonly url: string
  /** How many requests the process that runs now has had. */
  requests(): Promise<number>
  signal(signal: NodeJS.Signals): void
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port; resolves when it listens. */
  start(): Promise<void>
  /** A deployment: another process takes over, and resolves; the one before ends what it has begun. */
  replace(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('child-upstream-program.ts', import.meta.url))

/** Starts an upstream in a process of its own, until the test has finished. */
export async function startChildUpstream({
  delay = [5, 15],
  idle = 60_000,
  announce = true,
  host = '127.0.0.1',
  backlog = 511,
  tls,
}: ChildUpstreamOptions = {}): Promise<ChildUpstream> {
  let port = 0
  let child: ChildProcess

  async function start(): Promise<void> {
    const options = { port, delay, idle, announce, host, backlog, ...(tls && { tls }) }
    child = fork(PROGRAM, [JSON.stringify(options satisfies UpstreamProgramOptions)])
    const [message] = await once(child, 'message')
    port = message.port
  }
  async function replace(): Promise<void> {
    const before = child
    await start()
    before.kill('SIGTERM')
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await start()
  afterThisTest(kill)

  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    start,
    kill,
    replace,
    signal: (signal) => void child.kill(signal),
    async requests() {
      child.send('requests')
      const [message] = await once(child, 'message')
      return message.requests
    },
  }
}
