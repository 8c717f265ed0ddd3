export { createEchoUpstream, type EchoAnswer, type SeenToken } from './echo-upstream.ts'
