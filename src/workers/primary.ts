import cluster from 'node:cluster'
import type { Server } from 'node:http'
import type { Address } from '../address.ts'
import { createAdmin, createManagement } from '../admin/index.ts'
import type { Diagnostic, Listeners } from '../config/index.ts'
import { createMetrics } from '../metrics.ts'
import { observeAll } from '../observe.ts'
import { type CrewOptions, createCrew } from './crew.ts'
import { thisMachine } from './machine.ts'
import { workerProcess } from './worker-process.ts'

/** What the primary does beside supervising. */
export interface PrimaryOptions extends Omit<CrewOptions, 'env'> {
  readonly version: string
  readonly droppedLines: () => number
  /** Where the management and the admin listener are when the gateway file says `written`. */
  addresses(written: Listeners): {
    readonly management: Address | 'off'
    readonly admin: Address | 'off'
  }
  /** Told what the first reading of the files found. */
  onOpened(diagnostics: readonly Diagnostic[]): void
  /** Listens, and gives the URL; rejects with the words for it when that cannot be. */
  listen(server: Server, address: Address): Promise<URL>
}

/** Workers that serve as one proxy. */
export interface RunningWorkers {
  readonly url: URL
  /** Absent when the management listener is off. */
  readonly managementUrl?: URL
  readonly adminUrl?: URL
  reload(): Promise<boolean>
  close(options?: { readonly drain: boolean }): Promise<void>
  /** Settles, with the reason, when none serves any more and none can be started. */
  readonly lost: Promise<string>
}

/**
 * Starts worker processes of this command line, which serve; this process supervises them and has the management
 * and admin listeners. Rejects with `StartFault`, or as `listen` does, when they cannot start.
 */
export async function startWorkers(options: PrimaryOptions): Promise<RunningWorkers> {
  const { environment, version, droppedLines, listen, workers } = options
  // one queue of connections for all, without a hand-over
  cluster.schedulingPolicy = cluster.SCHED_NONE
  const { flags, env } = workerProcess(workers, thisMachine(environment))
  cluster.setupPrimary({ execArgv: [...process.execArgv, ...flags] })
  const metrics = createMetrics({ now: environment.now, version, node: process.versions.node })
  metrics.follow({ droppedLines })
  const observe = observeAll([options.observe, metrics.observe])
  const crew = createCrew({ ...options, observe, env })
  const servers: Server[] = []

  async function start(server: Server, address: Address | 'off'): Promise<URL | undefined> {
    if (address === 'off') return undefined
    const url = await listen(server, address)
    servers.push(server)
    return url
  }
  async function close(how = { drain: false }): Promise<void> {
    await crew.close(how)
    for (const server of servers) server.close().closeAllConnections()
  }

  try {
    const { listeners, diagnostics } = await crew.open()
    options.onOpened(diagnostics)
    const { management, admin } = options.addresses(listeners)
    const { state, publicKeys } = crew.serving()
    const managementUrl = await start(
      createManagement({
        isReady: crew.isReady,
        publicKeys,
        jwks: () => crew.serving().reading.jwks,
        configuration: state,
        workers: crew.checks,
        metrics: async () => crew.metrics(await metrics.snapshot()),
      }),
      management,
    )
    const adminUrl = await start(
      createAdmin({
        policies: () => crew.anyone()?.call('policies', null) ?? [],
        reload: crew.reload,
        refusals: () => state().refusals ?? [],
      }),
      admin,
    )
    const url = await crew.serve()
    return {
      ...{ url, close, reload: crew.reload, lost: crew.lost },
      ...(managementUrl && { managementUrl }),
      ...(adminUrl && { adminUrl }),
    }
  } catch (error) {
    await close()
    throw error
  }
}
