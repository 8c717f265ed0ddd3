import { HOP_BY_HOP } from '../header-name.ts'

/** Folded names of the fields, beside those of the connection, by which a message is read. */
const READ_BY: ReadonlySet<string> = new Set([
  'host',
  'content_length',
  'content_type',
  'content_encoding',
  'expect',
  'cookie',
])

/** True for the folded name of a field by which the connection works or the message is read: no place for a token. */
export function decidesMessage(folded: string): boolean {
  return folded === '' || HOP_BY_HOP.has(folded) || READ_BY.has(folded)
}
