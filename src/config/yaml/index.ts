export { type ParseOptions, parseDocuments, type SourceDocument } from './document.ts'
export { type NewDocument, writeDocuments } from './write-documents.ts'
