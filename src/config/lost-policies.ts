import type { Diagnostic } from './diagnostic.ts'
import type { Loaded } from './read-once.ts'

/** What of a reading says which policies there are. */
type Reading = Pick<Loaded, 'policies' | 'held'>

/**
 * Why a reading must not replace the one that serves: a file that held policies holds none any more, as when it was
 * read while it is written, or no policy is left at all. A file that is gone was deleted, which is nobody's mistake.
 */
export function lostPolicies(before: Reading, now: Reading): Diagnostic[] {
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

function total({ held }: Reading): number {
  return [...held.values()].reduce((sum, count) => sum + count, 0)
}

function refusal(file: string, rule: string, message: string, hint: string): Diagnostic {
  return { file, line: 1, column: 1, severity: 'error', rule, message, hint }
}
