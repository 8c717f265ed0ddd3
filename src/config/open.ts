import type { Compiled, Gateway } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { createGateway } from '../gateway.ts'
import { createKeySets } from '../keys/index.ts'
import type { ConfigurationEvent, ConfigurationState, Observer } from '../observe.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Diagnostic } from './diagnostic.ts'
import { findingsOf, findingsOfError } from './findings.ts'
import { createKept } from './kept/index.ts'
import type { Listeners } from './listeners.ts'
import { readConfiguration } from './load.ts'
import { refuseLoss } from './lost-policies.ts'
import type { Loaded, LoadOptions, ReadingOptions } from './read-once.ts'
import { digestOf, recordReads, type TakenReads } from './recorded-reads.ts'
import { countRenewalFailures } from './renewal-failures.ts'
import { createTurns } from './turns.ts'
import { UnreadableError } from './unreadable-error.ts'
import { type FileWatch, watchFiles } from './watch.ts'

/** A gateway and the files it came from. */
export interface OpenGateway {
  readonly gateway: Gateway
  readonly listeners: Listeners
  /** Warnings and notices of the first reading. */
  readonly diagnostics: readonly Diagnostic[]
  /** Tells the content of the files of the first reading from any other. */
  readonly digest: string
  /**
   * Reads the files again. False when they hold an error, lost the policies they held, or cannot be read:
   * the observer is told, and what served before goes on serving.
   */
  reload(): Promise<boolean>
  /** How the last readings ended. */
  state(): ConfigurationState
  /** Calls `onChange` from now on when a file is no longer what was read. */
  watch(onChange: () => unknown): Promise<void>
  /** Stops watching, and what goes on in the background; requests under way still finish. */
  close(): void
}

/** A reading of the files that may serve. */
export interface Candidate {
  readonly compiled: Compiled
  readonly diagnostics: readonly Diagnostic[]
  /** Tells the content of its files from any other. */
  readonly digest: string
}

/** What to open, and what to tell. */
export interface OpenOptions extends LoadOptions, Pick<ReadingOptions, 'share'> {
  readonly environment: Environment
  readonly observe: Observer
  /** Reload when a file changes. Default false. */
  readonly watch?: boolean
  /** A last change to what was compiled, at every reading. */
  adjust?(compiled: Compiled): Compiled
  /** Asked before a reading after the first takes the place of what serves; with false that goes on serving. */
  agree?(candidate: Candidate): Promise<boolean>
}

const NOTHING: TakenReads = { outcomes: new Map(), ends: new Map() }

/**
 * Loads a gateway from files and keeps it up to date. Rejects with `ConfigurationError` when the files hold
 * an error, and with `UnreadableError` when they cannot be looked at.
 */
export async function openGateway(options: OpenOptions): Promise<OpenGateway> {
  const { observe, adjust = (compiled: Compiled) => compiled, agree = async () => true } = options
  const reads = recordReads(options.environment)
  const { environment } = reads
  let generation = 1
  const memory = createKept(reads)
  const kept = {
    kept: memory,
    share: options.share,
    onRenewalFailure: countRenewalFailures(observe),
    keySets: createKeySets({
      environment,
      onFetch: (outcome) => observe({ type: 'keySet', ...outcome }),
    }),
  }
  const first = await readConfiguration(options, environment, kept)
  if (!first.compiled) throw new ConfigurationError(first.diagnostics)
  const gateway = createGateway(adjust(first.compiled), environment)
  const begun = reads.take()
  let { policies } = first
  let serving = { ...first, ends: begun.ends }
  let state = served()
  tell(first)
  let last = Promise.resolve(true)
  let outcomes = begun.outcomes
  let watching: FileWatch | undefined
  if (options.watch) await watch(reload)

  return {
    gateway,
    listeners: first.listeners,
    diagnostics: first.diagnostics,
    get digest() {
      return digestOf(begun.outcomes)
    },
    reload,
    watch,
    state: () => ({ ...state, age: environment.monotonic() - state.since }),
    close: () => {
      watching?.close()
      // a reading that is under way may still replace them
      void last.then(() => {
        for (const policy of gateway.compiled.policies) policy.close()
      })
    },
  }

  function watch(onChange: () => unknown): Promise<void> {
    watching = watchFiles(onChange, {
      environment: options.environment,
      peek: reads.peek,
      onMistaken: reads.forget,
      onError,
    })
    return watching.keep(policies, outcomes)
  }

  // one after the other, so that an older reading never replaces a newer one
  function reload(): Promise<boolean> {
    last = last.then(read)
    return last
  }

  async function read(): Promise<boolean> {
    generation += 1
    const unread = new Map<string, string>()
    let taken = NOTHING
    try {
      const reading = { ...kept, serving: true }
      const read = await readConfiguration(options, environment, reading)
      taken = reads.take()
      const loaded = refuseLoss(serving, { ...read, ends: taken.ends })
      policies = loaded.policies
      if (loaded.compiled) {
        const { compiled, diagnostics } = loaded
        const { outcomes } = taken
        const candidate = {
          ...{ compiled, diagnostics },
          get digest() {
            return digestOf(outcomes)
          },
        }
        if (!(await agree(candidate))) {
          // what it closes must not serve later
          memory.remember({})
          const serves = new Set(gateway.compiled.policies)
          for (const policy of compiled.policies) if (!serves.has(policy)) policy.close()
          return false
        }
        const next = adjust(compiled)
        await gateway.prepare(next, createTurns())
        gateway.replace(next)
        serving = loaded
        state = served()
      } else {
        state = refused(findingsOf(loaded.diagnostics))
      }
      tell(loaded)
      return !state.degraded
    } catch (error) {
      state = refused(findingsOfError(error))
      if (error instanceof UnreadableError) unread.set(error.path, error.code)
      taken = reads.take()
      onError(error)
      return false
    } finally {
      outcomes = new Map([...taken.outcomes, ...unread])
      void watching?.keep(policies, outcomes)
    }
  }

  function refused(findings: ConfigurationEvent['findings']): typeof state {
    const errors = findings.filter(({ severity }) => severity === 'error')
    return { ...state, degraded: true, refusals: errors.map(({ text }) => text) }
  }

  function served(): ConfigurationState & { readonly since: number } {
    const since = environment.monotonic()
    return { generation, loadedAt: environment.now(), since, degraded: false, refusals: [] }
  }

  function tell({ compiled, diagnostics }: Loaded): void {
    const accepted = compiled !== undefined
    const policies = compiled?.policies.length ?? 0
    const disabled = compiled?.disabled.length ?? 0
    const findings = findingsOf(diagnostics)
    observe({ type: 'configuration', accepted, generation, policies, disabled, findings })
  }

  function onError(error: unknown): void {
    const findings = findingsOfError(error)
    const none = { accepted: false, policies: 0, disabled: 0 }
    observe({ type: 'configuration', ...none, generation, findings })
  }
}
