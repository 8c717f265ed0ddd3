import { z } from 'zod'
import { bracketed } from '../address.ts'
import { isMetadataAddress } from '../network-address.ts'
import { durationSchema } from '../units.ts'
import { addressSchema } from './address-schema.ts'
import { pathSchema } from './path-pattern.ts'
import { refuseRepeats } from './refuse-repeats.ts'
import { minVersionSchema } from './tls-schema.ts'

const METADATA = {
  error: 'expected an upstream that is not link-local and not a metadata service',
  params: { rule: 'upstream/address', hint: 'no request may reach what holds credentials' },
}

/** Where requests are forwarded: origin and base path. */
export const upstreamUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), 'expected an http(s) URL')
  .refine(
    (text) => !/^[^/]*\/\/[^/]*@/.test(text),
    'expected a URL without user name and password; a policy injects credentials',
  )
  .refine((text) => !/[?#]/.test(text), 'expected a URL without query and fragment')
  .refine((text) => !isMetadataAddress(URL.parse(text)?.hostname ?? ''), METADATA)

const connectAddress = addressSchema
  .refine(({ port }) => port > 0, 'expected a port that is not 0')
  .refine(({ host }) => !isMetadataAddress(bracketed(host)), METADATA)

const file = z.string().min(1)

const tlsSchema = z.strictObject({
  ca: file.optional().describe('PEM file of accepted authorities.'),
  cert: file.optional().describe('PEM file of our client certificate.'),
  key: file.optional().describe('PEM file of its private key.'),
  serverName: z
    .string()
    .regex(
      // a name whose last label is a number is read as an IPv4 address
      /^(?!(?:.*\.)?\d+$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      'expected a host name, and no IP address',
    )
    .optional()
    .describe(
      'Name that is asked for (SNI) and that the certificate must bear. Default: the host of url.',
    ),
  minVersion: minVersionSchema,
})

const breakerSchema = z.strictObject({
  failures: z.int().positive().max(1000).optional().describe('Failures in a row. Default 5.'),
  openFor: durationSchema
    .refine((time) => time <= 30_000, 'expected at most 30s')
    .optional()
    .describe('First time that it stays open; doubles up to 30s while probes fail. Default 5s.'),
})

/** How a route's upstream is reached, in long form. */
export const upstreamSchema = z.strictObject({
  url: upstreamUrl.describe('Origin and base path.'),
  addresses: z
    .array(connectAddress)
    .min(1)
    .max(256)
    .superRefine(refuseRepeats)
    .optional()
    .describe('Where connections go, the least busy first. Default: host and port of url.'),
  stripPrefix: z
    .boolean()
    .optional()
    .describe("Leave the route's match.path out of the forwarded path. Default false."),
  rewrite: pathSchema
    .optional()
    .describe("The path that stands in place of the route's match.path."),
  hostHeader: z
    .string()
    .regex(/^[A-Za-z0-9.\-_[\]:]+$/, 'expected upstream, client or a host name')
    .refine((text) => !/^(?:upstream|client)$/i.test(text) || text === text.toLowerCase(), {
      error: 'expected upstream or client in lower case',
    })
    .optional()
    .describe('Host field: upstream (default), client, or a name.'),
  forwarded: z
    .enum(['none', 'x-forwarded', 'forwarded'])
    .optional()
    .describe(
      'Whether the upstream is told of the client: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC 7239). Default none.',
    ),
  http2: z
    .boolean()
    .optional()
    .describe('HTTP/2 when the upstream offers it in TLS. Default false.'),
  timeouts: z
    .strictObject({
      connect: durationSchema.optional().describe('Default 2s.'),
      headers: durationSchema.optional().describe('Until the response head. Default 30s.'),
      body: durationSchema.optional().describe('Between two chunks of the response. Default 30s.'),
      idle: durationSchema
        .optional()
        .describe('How long a connection waits for its next request. Default 4s.'),
      request: durationSchema
        .optional()
        .describe('The whole exchange, waiting and second attempts included. Default: no limit.'),
    })
    .optional(),
  tls: tlsSchema.optional(),
  pool: z
    .strictObject({
      connections: z
        .int()
        .positive()
        .max(65_535)
        .optional()
        .describe('Most exchanges at once. Default 128.'),
      streams: z
        .int()
        .nonnegative()
        .max(65_535)
        .optional()
        .describe('Most event streams, WebSockets and long answers besides. Default 1024.'),
      queue: z
        .int()
        .nonnegative()
        .max(65_535)
        .optional()
        .describe('Most requests that wait for a connection; more are 503. Default 1024.'),
    })
    .optional(),
  breaker: z
    .union([z.literal('off'), breakerSchema])
    .optional()
    .describe('After how many failures an address gets no requests for a while.'),
})

/** An upstream of a gateway file in long form. */
export type UpstreamConfig = z.infer<typeof upstreamSchema>
