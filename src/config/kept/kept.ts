import type { Account } from '../../credentials/index.ts'
import type { Scope } from '../../kind.ts'
import type { Policy } from '../../policy.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { Reading } from '../expression-texts.ts'
import type { GatewaySource } from '../gateway-source.ts'
import type { CompiledPolicy } from '../policy.ts'
import type { PolicyFile } from '../policy-file.ts'
import type { PolicyConfig } from '../policy-schema.ts'
import type { Basis } from './traced-reads.ts'

/** What was made of files, what was said about it, and what it rests on. */
export interface Made<Result> {
  readonly result: Result
  readonly diagnostics: readonly Diagnostic[]
  readonly basis: Basis
}

/** A policy as it was compiled. */
export interface Compilation extends Made<CompiledPolicy | undefined> {
  /** The account that it signs with. */
  readonly account: Account | undefined
}

/** A document of a policy file as far as it was read. */
export interface KeptPolicy {
  /** Absent when it does not fit the schema. */
  readonly config: PolicyConfig | undefined
  /** What it is called, saves and uses as it is written, whether it fits or not. */
  readonly names: WrittenNames
  /** Where its expressions read tokens of other policies, and segments of the path. */
  readonly reads: { readonly tokens: readonly Reading[]; readonly params: readonly Reading[] }
  /** What its schema said. */
  readonly faults: readonly Diagnostic[]
  readonly compilation: Compilation
  /** Where it stands: what is said there is told to `sink`. */
  readonly scope: Scope
  readonly sink: Sink
}

/** Whom to tell of faults; another with each reading. */
export interface Sink {
  to: Diagnostic[]
  push(diagnostic: Diagnostic): number
}

/** Tells `first`, until told otherwise. */
export function createSink(first: Diagnostic[]): Sink {
  const sink: Sink = { to: first, push: (diagnostic) => sink.to.push(diagnostic) }
  return sink
}

/** Texts of a document by which others know it. */
export interface WrittenNames {
  readonly name?: string | undefined
  readonly saveAs?: string | undefined
  readonly cache?: string | undefined
}

/** A policy file and what was made of its documents. */
export interface KeptFile {
  readonly file: PolicyFile
  /** How reading it ended. */
  readonly outcome: string | undefined
  /** What its text was read with. */
  readonly basis: Basis
  /** Undefined for a document of a Flex gateway: these are translated together. */
  readonly policies: readonly (KeptPolicy | undefined)[]
}

/** What was at the `--config` path. */
export interface KeptGateway {
  /** The gateway file; absent for Flex files, and where there is none. */
  readonly file: string | undefined
  readonly source: GatewaySource
  readonly diagnostics: readonly Diagnostic[]
  readonly basis: Basis
}

/** What one reading of the files leaves to the next. */
export interface Remembered {
  /** When it changes, all that it surrounds is made again. */
  readonly gateway?: KeptGateway
  readonly accounts?: ReadonlyMap<string, Made<Account>> | undefined
  /** By path. */
  readonly files?: ReadonlyMap<string, KeptFile>
  /** Policies of which no two write at one place. */
  readonly apart?: ReadonlySet<Policy> | undefined
}

/**
 * What is kept from one reading of the files to the next, so that only what has changed is read and compiled again.
 * Whatever it holds, a reading ends as if it were empty.
 */
export interface Kept {
  /** What earlier readings left. */
  readonly last: Remembered
  /** The outcome of the last reading of each file when another would surely have the same: it counts as read. */
  unchanged(paths: readonly string[]): Promise<readonly (string | undefined)[]>
  /** How reading a file ended in this reading. */
  outcomeOf(path: string): string | undefined
  remember(next: Remembered): void
}

/** Begins without anything. */
export function createKept({ unchanged, outcomeOf }: Pick<Kept, 'unchanged' | 'outcomeOf'>): Kept {
  let last: Remembered = {}
  return {
    get last() {
      return last
    },
    unchanged,
    outcomeOf,
    remember(next) {
      last = next
    },
  }
}

/** True when nothing that was said of it keeps it from serving. */
export function isSound({ diagnostics }: Pick<Made<unknown>, 'diagnostics'>): boolean {
  return !diagnostics.some(({ severity }) => severity === 'error')
}
