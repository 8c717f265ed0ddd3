import type { Segment, UriParams } from '../criteria.ts'
import { CountersignError } from '../errors.ts'

/**
 * What the `{name}` segments of a pattern stand for in a path that it matches, percent-decoded; undefined when it has
 * none. Throws `request/ambiguous-path` for one that is not UTF-8, which two servers may read differently.
 */
export function uriParams(
  pattern: readonly Segment[] | undefined,
  requestPath: string,
): UriParams | undefined {
  if (!pattern?.some((segment) => typeof segment !== 'string')) return undefined
  const segments = requestPath.slice(1).split('/', pattern.length)
  const params: Record<string, string> = Object.create(null)
  for (const [index, segment] of pattern.entries()) {
    if (typeof segment !== 'string') params[segment.name] = decode(segments[index] as string)
  }
  return params
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new CountersignError(
      'request/ambiguous-path',
      'expected a segment that is UTF-8 where the path pattern names one',
    )
  }
}
