import type { Diagnostic } from './diagnostic.ts'

/** How the text of a YAML file ends, and where. */
export interface FileEnd {
  /** With the document end marker `...` (YAML 1.2 section 9.1.2), with a whole line, or within a line. */
  readonly kind: 'marker' | 'line' | 'open'
  /** From 1. */
  readonly line: number
}

/** The ends of YAML files, by path. */
export type FileEnds = ReadonlyMap<string, FileEnd>

/** How a file ends; undefined for one that is no YAML, of which nothing is expected. */
export function endOf(path: string, bytes: Uint8Array): FileEnd | undefined {
  if (!/\.ya?ml$/.test(path)) return undefined
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  const last = lines.findLast((text) => text.trim() !== '') ?? ''
  const isWhole = lines.length > 1 && lines.at(-1) === ''
  const kind = /^\.\.\.\s*$/.test(last) ? 'marker' : isWhole ? 'line' : 'open'
  return { kind, line: kind === 'open' ? lines.length : Math.max(1, lines.length - 1) }
}

/**
 * Files that do not end any more as they did before, as when a writer has stopped half way: what is there may well be
 * a policy, but not the one that was meant.
 */
export function cutFiles(before: FileEnds, now: FileEnds): Diagnostic[] {
  return [...now].flatMap(([file, { kind, line }]) => {
    const was = before.get(file)?.kind
    if (was === undefined || RANK[kind] >= RANK[was]) return []
    const end = was === 'marker' ? 'the document end marker ...' : 'a line break'
    return {
      file,
      line,
      column: 1,
      severity: 'error',
      rule: 'file/cut',
      message: `expected ${end} at the end, as the file had before: it may be half written`,
      hint: `end it with ${end}`,
    }
  })
}

const RANK = { open: 0, line: 1, marker: 2 } as const satisfies Record<FileEnd['kind'], number>
