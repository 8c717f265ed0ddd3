import { hash } from 'node:crypto'
import type { Server } from 'node:net'
import type { Address } from '../address.ts'
import { policySummaries } from '../admin/index.ts'
import {
  type Candidate,
  ConfigurationError,
  findingsOf,
  type Listeners,
  type LoadOptions,
  UnreadableError,
} from '../config/index.ts'
import type { Environment } from '../environment.ts'
import type { ConfigurationEvent, Observer } from '../observe.ts'
import { type Call, createCalls } from './calls.ts'
import { createGenerationNumbers } from './generation-numbers.ts'
import type { PrimaryMethods, Reading, Refused, Unopened, WorkerMethods } from './methods.ts'
import { ownShare } from './own-share.ts'
import { primaryPort } from './ports.ts'
import { type OpenProxy, openProxy } from './proxy.ts'
import { shareTokens } from './share-tokens.ts'

/** What a worker serves, and with what. */
export interface WorkerOptions {
  readonly files: LoadOptions
  /** How many workers there are. */
  readonly workers: number
  readonly environment: Environment
  readonly observe: Observer
  readonly droppedLines: () => number
  readonly version: string
  /** Where the proxy listens when the gateway file says `written`. */
  address(written: Listeners): Address
  /** Listens, and gives the URL; rejects with the words for it when that cannot be. */
  listen(server: Server, address: Address): Promise<URL>
  /** Called once it serves. */
  onServing(): void
}

/** Bytes of the bodies that all workers together buffer for policies. */
const BODY_BUDGET = 128 * 1024 * 1024

/** Does what the primary asks, until that has this process exit, or is gone. */
export function runWorker(options: WorkerOptions): void {
  const { workers, files, environment, observe, droppedLines, version } = options
  const numbers = createGenerationNumbers()
  /** Of the reading that is under way. */
  let generation = 0
  let proxy: OpenProxy
  /** What is wrong with the last reading that was refused. */
  let findings: ConfigurationEvent['findings'] = []
  let proposed = Promise.withResolvers<Reading | Refused>()
  let settled = Promise.withResolvers<boolean>()
  let read = Promise.resolve()

  const call: Call<PrimaryMethods> = createCalls<PrimaryMethods>(primaryPort(), {
    async open(first) {
      generation = first
      try {
        proxy = await openProxy({
          ...{ ...files, environment, observe, droppedLines, version },
          bodyBudget: Math.floor(BODY_BUDGET / workers),
          adjust: (compiled) => numbers.note(generation, ownShare(compiled, workers)),
          share: shareTokens(call, () => numbers.of(proxy.opened.gateway)),
          onReading(event) {
            if (!event.accepted) findings = event.findings
          },
          agree(candidate) {
            proposed.resolve(readingOf(candidate))
            return settled.promise
          },
        })
      } catch (error) {
        return { unopened: unopened(error) }
      }
      const { gateway, listeners, diagnostics, digest } = proxy.opened
      const reading = readingOf({ compiled: gateway.compiled, diagnostics, digest })
      return { ...reading, listeners, diagnostics }
    },
    async serve() {
      try {
        const address = options.address(proxy.opened.listeners)
        const url = await options.listen(proxy.standalone.server, address)
        options.onServing()
        return { url: url.href }
      } catch (error) {
        return { refused: (error as Error).message }
      }
    },
    read(next) {
      generation = next
      proposed = Promise.withResolvers()
      settled = Promise.withResolvers()
      // one that could serve has been proposed by then
      read = proxy.opened.reload().then(() => proposed.resolve({ refused: findings }))
      return proposed.promise
    },
    async settle(isAgreed) {
      settled.resolve(isAgreed)
      await read
    },
    watch: () => proxy.opened.watch(() => call('changed', null)),
    isAlive: () => true,
    metrics: () => proxy.metrics.snapshot(),
    policies: () => policySummaries(proxy.opened.gateway.compiled),
    close: (how) => proxy.close(how),
    exit: () => process.exit(),
  } satisfies WorkerMethods)
}

function readingOf({ compiled, diagnostics, digest }: Candidate): Reading {
  const { policies, disabled, jwks, shutdown } = compiled
  const publicKeys = policies.flatMap((policy) => policy.publicKeys)
  return {
    // a key that is elsewhere may be another one although the files are the same
    digest: hash('sha256', digest + JSON.stringify(publicKeys)),
    ...{ publicKeys, jwks, shutdown },
    policies: policies.length,
    disabled: disabled.length,
    findings: findingsOf(diagnostics),
  }
}

function unopened(error: unknown): Unopened {
  if (error instanceof ConfigurationError) return { diagnostics: error.diagnostics }
  if (error instanceof UnreadableError) return { path: error.path, code: error.code }
  throw error
}
