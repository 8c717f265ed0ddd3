import { z } from 'zod'
import { formatAddress } from '../address.ts'
import { addressRangeSchema } from '../address-range.ts'
import { ADDRESSES } from '../defaults.ts'
import { durationSchema, sizeSchema } from '../units.ts'
import { accountSchema } from './accounts.ts'
import { addressSchema } from './address-schema.ts'
import { authenticatorSchema } from './authenticator-schema.ts'
import { namedCacheSchema } from './caches.ts'
import { jwksSchema } from './jwks-schema.ts'
import { kebabCase } from './kebab-case.ts'
import { limitsSchema, shutdownSchema, timeoutsSchema } from './limits-schema.ts'
import { matchSchema } from './match.ts'
import { refuseRepeats } from './refuse-repeats.ts'
import { minVersionSchema } from './tls-schema.ts'
import { upstreamSchema, upstreamUrl } from './upstream-schema.ts'

const addressOrOff = z.union([z.literal('off'), addressSchema])

const file = z.string().min(1)

/** How the proxy listener speaks TLS. */
const listenerTlsSchema = z.strictObject({
  cert: file.describe('PEM file of the certificate, then those of its authorities.'),
  key: file.describe('PEM file of its private key.'),
  clientCa: file
    .optional()
    .describe(
      'PEM file of the authorities of client certificates; written, clients are asked for one.',
    ),
  minVersion: minVersionSchema,
})

const listenSchema = z.union([
  addressSchema,
  z.strictObject({
    address: addressSchema.describe('HOST:PORT.'),
    tls: listenerTlsSchema.describe('Speak TLS; a reload renews what the files hold.'),
  }),
])

const routeSchema = z.strictObject({
  name: z.string().min(1).describe('Unique name.'),
  match: matchSchema.optional().describe('Which requests; absent: every request.'),
  upstream: z.union([upstreamUrl, upstreamSchema]).describe('Where they are forwarded.'),
  authenticate: z
    .array(kebabCase)
    .min(1)
    .optional()
    .describe('Names of authenticators: the first that finds its kind of credential decides.'),
  allow: z
    .string()
    .regex(/^#\[/, 'expected an expression "#[…]"')
    .optional()
    .describe('A boolean expression; a caller for whom it is false gets 403.'),
  upgrades: z
    .array(z.literal('websocket'))
    .superRefine(refuseRepeats)
    .optional()
    .describe('Protocols that a connection may change to. Default none: 426.'),
  maxStreamAge: z
    .union([durationSchema, z.literal('expiry')])
    .optional()
    .describe(
      'When a stream or a WebSocket ends at the latest: so long after its request, or with the first of its credentials (expiry). Default: no limit.',
    ),
  unmatched: z
    .enum(['reject', 'forward'])
    .optional()
    .describe('What a request gets that no policy applies to. Default reject.'),
})

/** The gateway file, `countersign.yaml`. */
export const gatewaySchema = z.strictObject({
  listen: listenSchema
    .optional()
    .describe(`Proxy listener. Default ${formatAddress(ADDRESSES.listen)}.`),
  management: addressOrOff
    .optional()
    .describe(`Health, metrics and JWKS. Default ${formatAddress(ADDRESSES.management)}.`),
  admin: addressOrOff.optional().describe(`Admin listener. Default ${ADDRESSES.admin}.`),
  policies: file.optional().describe('A policy file or folder. Default ./policies.'),
  routes: z.array(routeSchema).min(1).optional().describe('The first that matches is taken.'),
  authenticators: z
    .record(kebabCase, authenticatorSchema)
    .optional()
    .describe('Who callers are, by name; routes name those that they ask.'),
  accounts: z
    .record(kebabCase, accountSchema)
    .optional()
    .describe('Issuer, lifetime and keys that policies share, by name.'),
  caches: z
    .record(kebabCase, namedCacheSchema)
    .optional()
    .describe('Settings of caches, by name; each serves one policy.'),
  jwks: jwksSchema.optional().describe('How public keys are published.'),
  bodyLimit: sizeSchema
    .optional()
    .describe('Most of a body that a policy reads or writes; more is 413. Default 1Mi.'),
  limits: limitsSchema.optional().describe('How much clients may ask at once.'),
  timeouts: timeoutsSchema.optional().describe('How long clients may take.'),
  trustedProxies: z
    .array(addressRangeSchema)
    .min(1)
    .optional()
    .describe(
      'Addresses and CIDR ranges of proxies in front, whose Forwarded and X-Forwarded-* fields are passed on. Default none.',
    ),
  shutdown: shutdownSchema.optional().describe('What happens at SIGTERM.'),
  vars: z.record(z.string(), z.json()).optional().describe('Expressions see them as vars.'),
})

/** A gateway file that fits the schema. */
export type GatewayConfig = z.infer<typeof gatewaySchema>

/** The TLS part of a gateway file's `listen`. */
export type ListenerTlsConfig = z.infer<typeof listenerTlsSchema>

/** One route of a gateway file. */
export type RouteConfig = z.infer<typeof routeSchema>
