import { z } from 'zod'
import { durationFromZeroSchema, durationSchema, sizeSchema } from '../units.ts'

/** Each connection may hold as much before its request is looked at. */
const headPartSchema = sizeSchema.refine(
  (bytes) => bytes <= 4 * 1024 * 1024,
  'expected at most 4Mi',
)

/** How much clients may ask at once. */
export const limitsSchema = z.strictObject({
  connections: z
    .int()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('Open connections of clients; more are closed. Default 10000.'),
  requests: z
    .int()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('Requests under way, without streams; more are 503. Default 1024.'),
  requestsPerConnection: z
    .int()
    .positive()
    .optional()
    .describe('Requests of one connection; it ends with the last. Default: no limit.'),
  headSize: headPartSchema
    .optional()
    .describe('Bytes of the header fields; more are 431. Default 16Ki.'),
  headerLines: z
    .int()
    .positive()
    .max(10_000)
    .optional()
    .describe('Header fields; more are 431. Default 1000.'),
  targetSize: headPartSchema
    .optional()
    .describe('Bytes of the request target; more are 414. Default 16Ki.'),
})

/** How long clients may take. */
export const timeoutsSchema = z
  .strictObject({
    headers: durationSchema.optional().describe('Until the head has arrived. Default 10s.'),
    body: durationSchema.optional().describe('Between two chunks of the body. Default 30s.'),
    request: durationSchema.optional().describe('Until the whole request has arrived. Default 5m.'),
    idle: durationSchema
      .optional()
      .describe('How long a connection waits for its next request. Default 65s.'),
    write: durationSchema
      .optional()
      .describe('How long a client may read nothing of what waits for it. Default 30s.'),
  })
  .refine(
    ({ headers, request }) => headers === undefined || request === undefined || headers <= request,
    { path: ['request'], error: 'expected no less than headers, which is a part of it' },
  )

/** What happens at SIGTERM. */
export const shutdownSchema = z.strictObject({
  drainDelay: durationFromZeroSchema
    .optional()
    .describe('How long requests are still accepted, while /readyz says 503. Default 5s.'),
  grace: durationFromZeroSchema
    .optional()
    .describe('How long requests under way have to end after that. Default 25s.'),
})
