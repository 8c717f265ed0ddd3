import type { RequestHead } from './types.ts'

/** One segment of a path pattern: its very text, or the name under which expressions see what stands there. */
export type Segment = string | { readonly name: string }

/** What one header field must be. */
export interface HeaderCriterion {
  /** Lower-case. */
  readonly name: string
  /** The one line of the field is one of these; absent: the field is there. */
  readonly values?: readonly string[]
}

/** What a request must have; all that stands here must hold. Nothing: every request. */
export interface Criteria {
  /** In lower case, without a dot at the end; one without a port stands for every port. */
  readonly hosts?: readonly string[]
  /** The request path begins with these segments. */
  readonly path?: readonly Segment[]
  readonly methods?: readonly string[]
  readonly headers?: readonly HeaderCriterion[]
  /** What no index can find. */
  readonly holds?: (head: RequestHead) => boolean
}

/** What the `{name}` segments of a path pattern stand for in one request, decoded. */
export type UriParams = Readonly<Record<string, string>>
