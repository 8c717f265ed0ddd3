import type { z } from 'zod'

/** Refuses each entry of a list that stands in it before; letter case is none of the difference. */
export function refuseRepeats(
  list: readonly unknown[],
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const seen = new Set<string>()
  for (const [index, entry] of list.entries()) {
    const text = JSON.stringify(entry).toLowerCase()
    if (seen.has(text)) addIssue({ code: 'custom', path: [index], ...REPEATED })
    seen.add(text)
  }
}

const REPEATED = {
  message: 'expected an entry of its own, this one stands here already',
  params: { rule: 'schema/value', hint: 'leave it out' },
}
