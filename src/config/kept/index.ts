export {
  createKept,
  createSink,
  isSound,
  type Kept,
  type KeptFile,
  type KeptPolicy,
} from './kept.ts'
export { keepAccounts } from './kept-accounts.ts'
export { keepGateway } from './kept-gateway.ts'
export { type TracedReads, traceReads } from './traced-reads.ts'
