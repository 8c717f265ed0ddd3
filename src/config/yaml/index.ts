export { parseDocuments, type SourceDocument } from './document.ts'
