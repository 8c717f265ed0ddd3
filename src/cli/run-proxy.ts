import type { Server } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Address } from '../address.ts'
import { createAdmin, createManagement } from '../admin/index.ts'
import {
  ConfigurationError,
  type LoadOptions,
  type OpenGateway,
  openGateway,
  UnreadableError,
} from '../config/index.ts'
import type { Environment } from '../environment.ts'
import { createStandalone } from '../hosts/index.ts'
import { createMetrics } from '../metrics.ts'
import { type Observer, observeAll } from '../observe.ts'
import { listen } from './listen.ts'
import { chooseAddresses, type ListenerFlags } from './listeners.ts'
import { diagnosticLines } from './print-diagnostics.ts'
import { startRefused } from './stop.ts'
import { version } from './version.ts'
import { letYoungGenerationGrow } from './young-generation.ts'

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

/** Milliseconds beyond the grace after which nothing is waited for any more. */
const LAST = 800

/** Loads the files, then listens: no listener opens while the configuration holds an error. Throws `Stop`. */
export async function runProxy(options: RunOptions): Promise<RunningProxy> {
  const { environment } = options
  const metrics = createMetrics({
    now: environment.now,
    version: version(),
    node: process.versions.node,
  })
  const observe = observeAll([options.observe, metrics.observe])
  const opened = await open({ ...options, observe })
  const { gateway, reload } = opened
  const proxy = createStandalone({ gateway, environment, observe })
  metrics.follow({ workload: proxy.workload, droppedLines: options.droppedLines })
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
  async function close({ drain } = { drain: false }): Promise<void> {
    const { drainDelay, grace } = gateway.compiled.shutdown
    ready = false
    proxy.drain()
    if (drain) await setTimeout(drainDelay)
    // nothing that hangs may put the end off
    await Promise.race([proxy.close(grace), setTimeout(grace + LAST, undefined, { ref: false })])
    opened.close()
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
        createAdmin({ gateway, reload, refusals: () => opened.state().refusals ?? [] }),
        addresses.admin,
      ))
    const url = await listen(proxy.server, addresses.listen)
    ready = true
    letYoungGenerationGrow()
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

async function open(options: RunOptions): Promise<OpenGateway> {
  try {
    const opened = await openGateway(options)
    for (const line of diagnosticLines(opened.diagnostics, process.stderr)) console.error(line)
    return opened
  } catch (error) {
    if (error instanceof ConfigurationError) {
      throw startRefused(diagnosticLines(error.diagnostics, process.stderr).join('\n'))
    }
    if (error instanceof UnreadableError) throw startRefused(error.message)
    throw error
  }
}
