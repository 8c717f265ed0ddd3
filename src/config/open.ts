import type { Compiled, Gateway } from '../compiled.ts'
import type { Environment } from '../environment.ts'
import { createGateway } from '../gateway.ts'
import { createKeySets } from '../keys/index.ts'
import type { ConfigurationState, Observer } from '../observe.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Diagnostic } from './diagnostic.ts'
import { findingsOf, findingsOfError } from './findings.ts'
import type { Listeners } from './listeners.ts'
import { readConfiguration } from './load.ts'
import { lostPolicies } from './lost-policies.ts'
import type { Loaded, LoadOptions } from './read-once.ts'
import { type ReadFiles, recordReads } from './recorded-reads.ts'
import { countRenewalFailures } from './renewal-failures.ts'
import { UnreadableError } from './unreadable-error.ts'
import { watchFiles } from './watch.ts'

/** A gateway and the files it came from. */
export interface OpenGateway {
  readonly gateway: Gateway
  readonly listeners: Listeners
  /** Warnings and notices of the first reading. */
  readonly diagnostics: readonly Diagnostic[]
  /**
   * Reads the files again. False when they hold an error, lost the policies they held, or cannot be read:
   * the observer is told, and what served before goes on serving.
   */
  reload(): Promise<boolean>
  /** How the last readings ended. */
  state(): ConfigurationState
  /** Stops watching, and what goes on in the background; requests under way still finish. */
  close(): void
}

/** What to open, and what to tell. */
export interface OpenOptions extends LoadOptions {
  readonly environment: Environment
  readonly observe: Observer
  /** Reload when a file changes. Default false. */
  readonly watch?: boolean
  /** A last change to what was compiled, at every reading. */
  adjust?(compiled: Compiled): Compiled
}

/**
 * Loads a gateway from files and keeps it up to date. Rejects with `ConfigurationError` when the files hold
 * an error, and with `UnreadableError` when they cannot be looked at.
 */
export async function openGateway(options: OpenOptions): Promise<OpenGateway> {
  const { observe, adjust = (compiled: Compiled) => compiled } = options
  const reads = recordReads(options.environment)
  const { environment } = reads
  let generation = 1
  const kept = {
    onRenewalFailure: countRenewalFailures(observe),
    keySets: createKeySets({
      environment,
      onFetch: (outcome) => observe({ type: 'keySet', ...outcome }),
    }),
  }
  const first = await readConfiguration(options, environment, kept)
  if (!first.compiled) throw new ConfigurationError(first.diagnostics)
  const gateway = createGateway(adjust(first.compiled), environment)
  let { policies } = first
  let serving = first
  let state: ConfigurationState = { generation, loadedAt: environment.now(), degraded: false }
  tell(first)
  let last = Promise.resolve(true)
  const watch = options.watch
    ? watchFiles(reload, { environment: options.environment, onError })
    : undefined
  await watch?.keep(policies, reads.take())

  return {
    gateway,
    listeners: first.listeners,
    diagnostics: first.diagnostics,
    reload,
    state: () => state,
    close: () => {
      watch?.close()
      // a reading that is under way may still replace them
      void last.then(() => {
        for (const policy of gateway.compiled.policies) policy.close()
      })
    },
  }

  // one after the other, so that an older reading never replaces a newer one
  function reload(): Promise<boolean> {
    last = last.then(read)
    return last
  }

  async function read(): Promise<boolean> {
    generation += 1
    let unread: ReadFiles = new Map()
    try {
      const reading = { ...kept, serving: true }
      const loaded = withoutLoss(await readConfiguration(options, environment, reading))
      policies = loaded.policies
      if (loaded.compiled) {
        gateway.replace(adjust(loaded.compiled))
        serving = loaded
      }
      const degraded = loaded.compiled === undefined
      state = degraded
        ? { ...state, degraded }
        : { generation, loadedAt: environment.now(), degraded }
      tell(loaded)
      return !degraded
    } catch (error) {
      state = { ...state, degraded: true }
      if (error instanceof UnreadableError) unread = new Map([[error.path, error.code]])
      onError(error)
      return false
    } finally {
      void watch?.keep(policies, new Map([...reads.take(), ...unread]))
    }
  }

  function withoutLoss(loaded: Loaded): Loaded {
    const lost = loaded.compiled ? lostPolicies(serving, loaded) : []
    if (lost.length === 0) return loaded
    const { compiled: _refused, diagnostics, ...rest } = loaded
    const isSaid = ({ file, rule }: Diagnostic) =>
      lost.some((refusal) => refusal.file === file && refusal.rule === rule)
    return { ...rest, diagnostics: [...lost, ...diagnostics.filter((other) => !isSaid(other))] }
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
