import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createManagement } from '../../src/admin/index.ts'
import { openGateway } from '../../src/config/index.ts'
import { type Environment, systemEnvironment } from '../../src/environment.ts'
import { createStandalone } from '../../src/hosts/index.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import {
  type ObservedEvent,
  observeAll,
  type RequestEvent,
  type Workload,
} from '../../src/observe.ts'
import { freePort } from './listening.ts'
import { tempFolder } from './temp-folder.ts'

/** What a test proxy serves. */
export interface TestProxyOptions {
  /** YAML text of the policies, several as documents of one text or as texts of their own. */
  readonly policies: string | readonly string[]
  /** Where every path is forwarded; left out, `gateway` has routes. */
  readonly upstream?: string
  /** YAML text of a gateway file. */
  readonly gateway?: string
  /** Further files beside the policies, by relative name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** The only environment variables there are; `{ env: NAME }` finds keys there. */
  readonly variables?: Readonly<Record<string, string>>
  /** Clock and ids. Default: the system's. */
  readonly environment?: Environment
  /** Most bytes of a body that a policy reads or writes. Default 1 MiB. */
  readonly bodyLimit?: number
}

/** A standalone proxy that runs in this process. */
export interface TestProxy {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** `http://127.0.0.1:<port>`; its `/.well-known/jwks.json` verifies what the policies sign. */
  readonly managementUrl: string
  /** The folder of the policies. */
  readonly folder: string
  /** Every event so far. */
  readonly events: readonly ObservedEvent[]
  /** The request events so far. */
  requests(): readonly RequestEvent[]
  /** The request events, once there are at least `count`; rejects after two seconds. */
  requestsOnce(count: number): Promise<readonly RequestEvent[]>
  /** Every log line so far, at the most verbose level. */
  log(): string
  /** What it is busy with now. */
  workload(): Workload
  /** What the management listener answers to `GET /metrics`. */
  metrics(): Promise<string>
  /** Writes a file beside the policies, by relative name; it takes a reload to be seen. */
  write(name: string, content: string): Promise<void>
  /** Reads the files again; false when they were refused. */
  reload(): Promise<boolean>
  /** Stops as a process does: what goes on after `grace` milliseconds is ended. */
  stop(grace: number): Promise<void>
  close(): Promise<void>
}

/** Starts a proxy and its management listener on free ports of 127.0.0.1; inside a test it stops by itself. */
export async function startProxy(options: TestProxyOptions): Promise<TestProxy> {
  const { policies, gateway: gatewayText, upstream, bodyLimit, variables = {} } = options
  const texts = typeof policies === 'string' ? [policies] : policies
  const folder = await tempFolder({
    ...Object.fromEntries(texts.map((text, index) => [`policies/${index}.yaml`, text])),
    ...(gatewayText !== undefined && { 'countersign.yaml': gatewayText }),
    ...options.files,
  })
  const events: ObservedEvent[] = []
  const lines: string[] = []
  const system = systemEnvironment()
  const log = createLog({
    level: 'trace',
    stream: { write: (line) => void lines.push(line) },
    monotonic: system.monotonic,
  })
  const metrics = createMetrics({ now: Date.now, version: 'test', node: '0' })
  const observe = observeAll([(event) => void events.push(event), log, metrics.observe])
  const environment: Environment = {
    ...(options.environment ?? system),
    variable: (name) => variables[name],
    readFile: system.readFile,
  }
  const opened = await openGateway({
    policies: `${folder.path}/policies`,
    ...(gatewayText !== undefined && { config: `${folder.path}/countersign.yaml` }),
    ...(upstream !== undefined && { upstream }),
    bodyLimit,
    environment,
    observe,
  })
  const { gateway } = opened
  const proxy = createStandalone({ gateway, environment, observe })
  metrics.follow({ workload: proxy.workload, droppedLines: log.dropped })
  const management = createManagement({
    isReady: () => true,
    publicKeys: () => gateway.publicKeys,
    jwks: () => gateway.compiled.jwks,
    metrics: metrics.text,
  })
  const port = await freePort(proxy.server)
  const managementPort = await freePort(management)

  const requests = () => events.filter((event) => event.type === 'request')
  async function close(): Promise<void> {
    opened.close()
    management.close().closeAllConnections()
    proxy.server.closeAllConnections()
    await proxy.close()
  }
  closeAfterTest(close)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    folder: `${folder.path}/policies`,
    events,
    requests,
    async requestsOnce(count) {
      for (const end = Date.now() + 2000; requests().length < count; ) {
        if (Date.now() > end) {
          throw new Error(`expected ${count} request events, there are ${requests().length}`)
        }
        await wait(5)
      }
      return requests()
    },
    log: () => lines.join(''),
    workload: proxy.workload,
    metrics: async () => (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text(),
    write: async (name, content) => void (await folder.write(name, content)),
    reload: opened.reload,
    stop: proxy.close,
    close,
  }
}

function closeAfterTest(close: () => Promise<void>): void {
  try {
    onTestFinished(close)
  } catch {
    // Started outside a test, where vitest refuses the hook: the caller closes it.
  }
}
