import type { Server } from 'node:http'
import type { Address } from '../address.ts'
import { createAdmin, createManagement, policySummaries } from '../admin/index.ts'
import type { LoadOptions } from '../config/index.ts'
import type { Environment } from '../environment.ts'
import type { Observer } from '../observe.ts'
import { type OpenProxy, openProxy } from '../workers/index.ts'
import { listen } from './listen.ts'
import { chooseAddresses, type ListenerFlags } from './listeners.ts'
import { printWarnings, refusedStart } from './refused-start.ts'
import { settleHeap } from './settle-heap.ts'
import { version } from './version.ts'

/** What to run. An address left out is the gateway file's, else the default. */
export interface RunOptions extends LoadOptions, ListenerFlags {
  readonly watch: boolean
  readonly environment: Environment
  readonly observe: Observer
  /** How many lines of the log were dropped. */
  readonly droppedLines?: () => number
}

/** A proxy that serves. */
export interface RunningProxy {
  readonly url: URL
  /** Absent when the management listener is off. */
  readonly managementUrl?: URL
  readonly adminUrl?: URL
  /** Reads the files again; false when they were refused, and what served before goes on serving. */
  reload(): Promise<boolean>
  /**
   * Not ready at once; then stops accepting, and settles when the requests under way have ended, the last of them cut
   * off after `shutdown.grace`. With `drain`, requests are accepted for `shutdown.drainDelay` before.
   */
  close(options?: { readonly drain: boolean }): Promise<void>
}

/** Loads the files, then listens: no listener opens while the configuration holds an error. Throws `Stop`. */
export async function runProxy(options: RunOptions): Promise<RunningProxy> {
  const proxy = await open(options)
  const { opened, standalone, metrics } = proxy
  const { gateway, reload } = opened
  const servers: Server[] = []
  let ready = false
  const source = {
    isReady: () => ready,
    publicKeys: () => gateway.publicKeys,
    jwks: () => gateway.compiled.jwks,
    configuration: opened.state,
    metrics: metrics.text,
  }

  async function start(server: Server, address: Address): Promise<URL> {
    const url = await listen(server, address)
    servers.push(server)
    return url
  }
  async function close(how = { drain: false }): Promise<void> {
    ready = false
    await proxy.close(how)
    for (const server of servers) server.close().closeAllConnections()
  }

  try {
    const addresses = chooseAddresses(options, opened.listeners)
    const managementUrl =
      addresses.management !== 'off' &&
      (await start(createManagement(source), addresses.management))
    const adminUrl =
      addresses.admin !== 'off' &&
      (await start(
        createAdmin({
          policies: () => policySummaries(gateway.compiled),
          reload,
          refusals: () => opened.state().refusals ?? [],
        }),
        addresses.admin,
      ))
    // while nobody waits
    settleHeap()
    const url = await listen(standalone.server, addresses.listen)
    ready = true
    return {
      url,
      ...(managementUrl && { managementUrl }),
      ...(adminUrl && { adminUrl }),
      reload,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(options: RunOptions): Promise<OpenProxy> {
  try {
    const proxy = await openProxy({ ...options, version: version() })
    printWarnings(proxy.opened.diagnostics)
    return proxy
  } catch (error) {
    throw refusedStart(error)
  }
}
