import type { Compiled } from '../compiled.ts'

/** What the admin listener tells of a policy. */
export interface PolicySummary {
  readonly name: string
  readonly enabled: boolean
  readonly order: number
  /** Absent when it applies to every route. */
  readonly routes?: readonly string[] | undefined
}

/** The policies of one reading of the files, the enabled ones first. */
export function policySummaries({ policies, disabled }: Compiled): readonly PolicySummary[] {
  return [
    ...policies.map(({ name, order, routes }) => ({ name, enabled: true, order, routes })),
    ...disabled.map(({ name, order }) => ({ name, enabled: false, order })),
  ]
}
