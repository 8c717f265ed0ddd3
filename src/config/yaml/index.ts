export { parseDocuments, type SourceDocument } from './document.ts'
export type { ParseOptions } from './read-text.ts'
export { type NewDocument, writeDocuments } from './write-documents.ts'
