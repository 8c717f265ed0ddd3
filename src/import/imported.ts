import type { Secret } from '../secret.ts'
import type { Finding } from './check-files.ts'

/** How much of an item came over: all of it, all of it with something to know, or not without a person. */
export type ItemState = 'translated' | 'notice' | 'person'

/** One setting of an imported file, and what became of it. */
export interface ImportedItem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** What is meant there; holds no secret. */
  readonly item: string
  readonly state: ItemState
  readonly note?: string
}

/** A file to write. */
export interface ImportedFile {
  /** Absolute, or relative to the working folder. */
  readonly path: string
  /** A secret for a key, whose file only its owner may read. */
  readonly text: string | Secret
}

/** What an import came to; nothing has been written yet. */
export interface Imported {
  readonly items: readonly ImportedItem[]
  readonly files: readonly ImportedFile[]
}

/** Where the files of an import go. */
export interface ImportTarget {
  /** Folder of the gateway file and of the folder `policies`. */
  readonly out: string
  /** Folder of the key files. */
  readonly keysTo: string
  /** True when what comes with a notice needs a person. Default false. */
  readonly strict?: boolean | undefined
  /** What loading the files said, when they were made before. Default: nothing. */
  readonly findings?: readonly Finding[]
}

/** Items as `strict` has them. */
export function judged(
  items: readonly ImportedItem[],
  { strict }: Pick<ImportTarget, 'strict'>,
): readonly ImportedItem[] {
  if (!strict) return items
  return items.map((item) => (item.state === 'notice' ? { ...item, state: 'person' } : item))
}

/** True for an item that has to be looked at before anything may rely on it. */
export function needsPerson({ state }: ImportedItem): boolean {
  return state === 'person'
}
