import type { Diagnostic } from './diagnostic.ts'
import { cutFiles, type FileEnds } from './file-end.ts'
import type { Loaded } from './read-once.ts'

/** What of a reading says what there is to lose. */
export interface Held extends Pick<Loaded, 'policies' | 'held'> {
  readonly ends: FileEnds
}

/** The same reading, refused when it has lost what the one before it held. */
export function refuseLoss<Reading extends Loaded & Held>(
  before: Held,
  now: Reading,
): Loaded & Held {
  if (!now.compiled) return now
  const emptied = lostPolicies(before, now)
  const isEmptied = (file: string) => emptied.some((refusal) => refusal.file === file)
  const cut = cutFiles(before.ends, now.ends).filter(({ file }) => !isEmptied(file))
  const lost = [...emptied, ...cut]
  if (lost.length === 0) return now
  const { compiled: _refused, diagnostics, ...rest } = now
  const isSaid = ({ file, rule }: Diagnostic) =>
    lost.some((refusal) => refusal.file === file && refusal.rule === rule)
  return { ...rest, diagnostics: [...lost, ...diagnostics.filter((other) => !isSaid(other))] }
}

/**
 * Why a reading must not replace the one that serves: a file that held policies holds none any more, as when it was
 * read while it is written, or no policy is left at all. A file that is gone was deleted, which is nobody's mistake.
 */
function lostPolicies(before: Held, now: Held): Diagnostic[] {
  const emptied = [...now.held].filter(([file, count]) => count === 0 && before.held.get(file))
  if (emptied.length > 0) {
    return emptied.map(([file]) =>
      refusal(file, 'yaml/empty', 'expected a policy, the file held one before', DELETE_IT),
    )
  }
  const isLast = total(before) > 0 && total(now) === 0
  if (!isLast) return []
  return [
    refusal(now.policies, 'policy/none', 'expected a policy, there were some before', DISABLE),
  ]
}

const DELETE_IT = 'delete the file to take its policies away'
const DISABLE = 'restart to serve without policies, or write enabled: false'

function total({ held }: Held): number {
  return [...held.values()].reduce((sum, count) => sum + count, 0)
}

function refusal(file: string, rule: string, message: string, hint: string): Diagnostic {
  return { file, line: 1, column: 1, severity: 'error', rule, message, hint }
}
