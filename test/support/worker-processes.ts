import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { listening } from './listening.ts'
import type { ProcessOptions } from './process.ts'
import { type ProxyProcess, startProxyProcess } from './proxy-process.ts'

/** What several workers serve. */
export interface WorkersOptions extends Pick<ProcessOptions, 'command'> {
  /** Default 2. */
  readonly workers?: number
  /** Policy files, by name; a text alone is one file. */
  readonly policies: string | Readonly<Record<string, string>>
  /** More of the gateway file, as YAML. Default: an end without delay. */
  readonly gateway?: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

/** `countersign serve --workers N` in front of an upstream that answers with the token that it got. */
export interface WorkerProcesses extends ProxyProcess {
  /** Where its admin listener is. */
  readonly admin: string
  /** The token of a request on a connection of its own. */
  token(path?: string): Promise<string>
  /** The tokens of so many requests at once, each on a connection of its own. */
  tokens(count: number): Promise<string[]>
  /** Tokens of requests until each worker has served one. */
  tokensOfAll(): Promise<string[]>
  /** Process ids of the workers. */
  pids(): number[]
}

/** Starts them, and resolves when they serve. */
export async function startWorkerProcesses(options: WorkersOptions): Promise<WorkerProcesses> {
  const { workers = 2, gateway = 'shutdown: { drainDelay: 0s }', flags = [], ...rest } = options
  const upstream = createServer(({ headers }, response) => {
    response.end(headers.authorization?.replace('Bearer ', ''))
  })
  const url = `http://127.0.0.1:${await listening(upstream)}`
  const proxy = await startProxyProcess({
    ...rest,
    gateway: `routes: [{ name: all, upstream: "${url}" }]\n${gateway}\n`,
    logLevel: 'info',
    flags: ['--workers', String(workers), '--admin', '127.0.0.1:0', ...flags],
  })
  const [, admin = ''] = await proxy.waitFor(/admin\s+(http\S+?)\/?\s/)

  async function token(path = '/'): Promise<string> {
    const [answer] = (await once(get(proxy.url + path, { agent: false }), 'response')) as [
      IncomingMessage,
    ]
    return await text(answer)
  }
  const tokens = (count: number) => Promise.all(Array.from({ length: count }, () => token()))
  return {
    ...proxy,
    admin,
    token,
    tokens,
    async tokensOfAll() {
      const before = proxy.stdout().length
      const got: string[] = []
      const served = () =>
        new Set(
          proxy
            .stdout()
            .slice(before)
            .match(/"worker":[1-9]/g),
        )
      // who takes a connection is for the kernel to say
      while (served().size < workers) got.push(...(await tokens(20)))
      return got
    },
    pids: () =>
      readFileSync(`/proc/${proxy.pid}/task/${proxy.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .map(Number),
  }
}
