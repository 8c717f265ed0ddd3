import type { Segment } from '../criteria.ts'

/**
 * The path as the laxest server reads it: without path parameters (`;x=1`), percent-decoded, without case, without
 * dots, blanks and control characters at the end of a segment.
 */
export function laxPath(path: string): string {
  return path.split('/').map(laxSegment).join('/')
}

/** The same for a path pattern. */
export function laxSegments(path: readonly Segment[]): readonly Segment[] {
  return path.map((segment) => (typeof segment === 'string' ? laxSegment(segment) : segment))
}

function laxSegment(segment: string): string {
  const [name = ''] = decoded(segment).split(';', 1)
  return name.toLowerCase().replace(/[.\s\p{Cc}]+$/u, '')
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment.replace(/%[0-7][0-9a-f]/gi, (triplet) => decodeURIComponent(triplet))
  }
}
