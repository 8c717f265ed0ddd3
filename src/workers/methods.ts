import type { PolicySummary } from '../admin/index.ts'
import type { JwksSettings, Shutdown } from '../compiled.ts'
import type { Diagnostic, Listeners } from '../config/index.ts'
import type { MetricSnapshot } from '../metrics.ts'
import type { ConfigurationEvent } from '../observe.ts'
import type { JsonObject } from '../types.ts'
import type { Fault } from './fault.ts'

type Findings = ConfigurationEvent['findings']

/** What a worker has read from the files, and could serve. */
export interface Reading {
  /** The same in two workers only when they have read the same. */
  readonly digest: string
  readonly publicKeys: readonly JsonObject[]
  readonly jwks: JwksSettings
  readonly shutdown: Shutdown
  readonly policies: number
  readonly disabled: number
  readonly findings: Findings
}

/** The first reading of a worker. */
export interface FirstReading extends Reading {
  readonly listeners: Listeners
  readonly diagnostics: readonly Diagnostic[]
}

/** Why a worker cannot begin: what is wrong in the files, or the one that cannot be looked at. */
export type Unopened =
  | { readonly diagnostics: readonly Diagnostic[] }
  | { readonly path: string; readonly code: string }

/** Why a reading cannot serve. */
export interface Refused {
  readonly refused: Findings
}

/** What the primary asks of a worker. */
export interface WorkerMethods {
  /** Reads the files for the first time. */
  open(generation: number): Promise<FirstReading | { readonly unopened: Unopened }>
  /** Listens: the URL, or why that cannot be. */
  serve(nothing: null): Promise<{ readonly url: string } | { readonly refused: string }>
  /** Reads the files again; what came of it waits for `settle`. */
  read(generation: number): Promise<Reading | Refused>
  /** Serves what was read, or goes on with what serves. */
  settle(isAgreed: boolean): Promise<void>
  /** Tells the primary from now on when a file has changed. */
  watch(nothing: null): Promise<void>
  /** Answers at once unless its event loop hangs. */
  isAlive(nothing: null): boolean
  metrics(nothing: null): Promise<MetricSnapshot>
  policies(nothing: null): readonly PolicySummary[]
  /** As `RunningProxy.close`. */
  close(how: { readonly drain: boolean }): Promise<void>
  /** Ends the process. */
  exit(nothing: null): void
}

/** One token that is shared. */
export interface TokenKey {
  readonly generation: number
  /** A digest of the policy and of all that decides the token. */
  readonly digest: string
  /** NumericDate: it is the one until then. */
  readonly until: number
}

/** What a worker asks of the primary. */
export interface PrimaryMethods {
  /** A file has changed: reads them again in all workers. */
  changed(nothing: null): Promise<boolean>
  /** The token, when another worker has it; without one the asker makes it, and tells what came of it. */
  token(key: TokenKey): Promise<{ readonly token?: unknown }>
  made(made: { readonly key: TokenKey; readonly token: unknown }): void
  failed(failed: { readonly key: TokenKey; readonly fault: Fault }): void
}
