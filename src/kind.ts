import type { ZodType } from 'zod'
import type { Environment } from './environment.ts'

/** Steps from the root of a document to a value: `['jwt', 'customClaims', 0, 'value']`. */
export type Path = readonly (string | number)[]

/** Something wrong, or worth saying, about a place in a file. */
export interface Fault {
  readonly severity: 'error' | 'warning' | 'notice'
  /** Stable id: `schema/unknown-key`, `key/mismatch`. */
  readonly rule: string
  /** Lower-case, what was expected; holds no secret. */
  readonly message: string
  /** What to write instead. */
  readonly hint?: string
  /** Offset inside the scalar's text, from 0, for faults within an expression. */
  readonly offset?: number
  /** Length in characters of what the caret marks, from `offset`. */
  readonly length?: number
}

/** A value of a document while it is compiled: where it stands, and whom to tell about faults. */
export interface Scope {
  readonly environment: Environment
  /** True when an earlier reading of the files serves; a key that has expired meanwhile must not undo this one. */
  readonly serving: boolean
  /** True when what is made is only checked and never used: nothing elsewhere is asked for it. */
  readonly inert?: boolean
  /** Folder that relative paths in this document are relative to. */
  readonly folder: string
  /** Reports a fault at `path` below this scope; compiling goes on so that one run finds them all. */
  report(path: Path, fault: Fault): void
  /** `file:line:col` of the value at `path` below this scope. */
  locate(path: Path): string
  /** The scope of a value below this one. */
  at(...path: Path): Scope
}

/**
 * One kind at an extension point (placement, credential source, key source): the shape of its part of the
 * file, and what makes the product from it. `create` returns undefined only after it has reported an error.
 */
export interface Kind<Config, Product> {
  readonly schema: ZodType<Config>
  create(config: Config, scope: Scope): Product | undefined | Promise<Product | undefined>
}
