import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** How far a value is from a branch: wrong kind of value, then foreign keys, then how early it went wrong. */
export function distanceOf(issues: readonly Issue[], found: unknown): readonly number[] {
  const atRoot = issues.filter(({ path }) => path.length === 0)
  const root = Math.max(0, ...atRoot.map((issue) => rootDistance(issue, found)))
  const foreign = issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0)
      return sum + issue.keys.length
    return issue.code === 'invalid_value' && issue.path.length === 1 ? sum + 1 : sum
  }, 0)
  const depth = Math.max(0, ...issues.map((issue) => issue.path.length))
  return [root, foreign, -depth, issues.length]
}

function rootDistance(issue: Issue, found: unknown): number {
  if (issue.code === 'invalid_type') return 2
  if (issue.code === 'invalid_value') {
    return issue.values.some((value) => typeof value === typeof found) ? 1 : 2
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return 0
  return Math.min(...issue.errors.map((errors) => distanceOf(errors, found)[0] ?? 0))
}

/** Negative when the first is nearer. */
export function compareDistance(a: readonly number[], b: readonly number[]): number {
  return (
    a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0
  )
}

/** The lesser of two distances; the first of equal ones. */
export function lesser(a: readonly number[], b: readonly number[]): readonly number[] {
  return compareDistance(a, b) <= 0 ? a : b
}
