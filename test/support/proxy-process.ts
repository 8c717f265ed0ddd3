import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { type ProcessOptions, type RunningProcess, startCountersign } from './process.ts'
import { type TempFolder, tempFolder } from './temp-folder.ts'

/** What a proxy in a process of its own serves. */
export interface ProxyProcessOptions extends ProcessOptions {
  /** The gateway file. */
  readonly gateway: string
  /** Policy files, by name in the folder `policies`; a text alone is one file. */
  readonly policies: string | Readonly<Record<string, string>>
  /** Other files, by their name in the folder. */
  readonly files?: Readonly<Record<string, string>>
  /** Default `warn`. */
  readonly logLevel?: string
  /** More flags of `serve`. */
  readonly flags?: readonly string[]
}

/** A `countersign serve` that serves. */
export interface ProxyProcess extends RunningProcess {
  readonly url: string
  /** Where its management listener is: `http://127.0.0.1:9090` */
  readonly management: string
  /** Where its JWK set is. */
  readonly jwks: string
  /** Holds `countersign.yaml`, `policies` and the other files. */
  readonly folder: TempFolder
  /** Sum of all lines of a metric whose labels hold those given; undefined when it has none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>
  /** Open descriptors of the process. */
  descriptors(): number
  /** Bytes of its memory that are resident. */
  resident(): number
}

/** Starts `countersign serve` on free ports of 127.0.0.1, and resolves when it serves. */
export async function startProxyProcess(options: ProxyProcessOptions): Promise<ProxyProcess> {
  const { gateway, policies, files = {}, logLevel = 'warn', flags = [], ...rest } = options
  const named = typeof policies === 'string' ? { 'policies.yaml': policies } : policies
  const folder = await tempFolder({
    'countersign.yaml': gateway,
    ...Object.fromEntries(
      Object.entries(named).map(([name, text]) => [`policies/${name}`, text] as const),
    ),
    ...files,
  })
  const running = startCountersign(
    [
      'serve',
      ...['--config', `${folder.path}/countersign.yaml`, '--log-level', logLevel],
      ...['--listen', '127.0.0.1:0', '--management', '127.0.0.1:0'],
      ...flags,
    ],
    rest,
  )
  const [, management = ''] = await running.waitFor(/management\s+(http\S+?)\/?\s/, 30_000)
  const [, url = ''] = await running.waitFor(/proxy\s+(http\S+?)\/?\s/)

  return {
    ...running,
    url,
    management,
    jwks: `${management}/.well-known/jwks.json`,
    folder,
    async metric(name, labels = {}) {
      const metrics = await fetchOnce(`${management}/metrics`)
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      const lines = metrics
        .split('\n')
        .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        .filter((line) => wanted.every((label) => line.includes(label)))
      if (lines.length === 0) return undefined
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
    descriptors: () => readdirSync(`/proc/${running.pid}/fd`).length,
    resident() {
      const status = readFileSync(`/proc/${running.pid}/status`, 'utf8')
      return 1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1])
    },
  }
}

/** Over a connection that does not stay: it would count among the descriptors. */
async function fetchOnce(url: string): Promise<string> {
  const [answer] = await once(get(url, { agent: false }), 'response')
  return await text(answer)
}

/** The value of `read` when it satisfies `isGood`, or the last one when it did not within `timeout` ms (default 10 s). */
export async function settled<T>(
  read: () => T | Promise<T>,
  isGood: (value: T) => boolean,
  timeout = 10_000,
): Promise<T> {
  const end = performance.now() + timeout
  for (;;) {
    const value = await read()
    if (isGood(value) || performance.now() > end) return value
    await wait(50)
  }
}
