import type { Path } from '../../kind.ts'
import type { Draft } from './draft.ts'

/** The header field that a credential goes to. */
interface Header {
  readonly name: string
  readonly scheme: 'Basic' | 'none'
  /** Whether a field that the client sent is replaced. */
  readonly overwrite: boolean
}

/** Puts the place of a credential at `path`. */
export function putHeader(path: Path, header: Header, draft: Draft, from: Path): void {
  const { name, scheme, overwrite } = header
  const value = { location: 'header', name, scheme, overwrite: overwrite ? 'always' : 'ifAbsent' }
  draft.put(path, value, from)
}
