import { fold } from '../header-name.ts'
import type { ContextMember } from '../types.ts'

/** Folded names of the header fields among what is read of a request, or `*` for all. */
export function headersRead(reads: Iterable<ContextMember>): string[] {
  return [...reads].flatMap((member) => {
    const [, name] = /^header (.+)$/.exec(member) ?? []
    return name === undefined ? [] : [name === '*' ? name : fold(name)]
  })
}
