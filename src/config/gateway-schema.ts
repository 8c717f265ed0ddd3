import { z } from 'zod'
import { ADDRESS_FORM, type Address, formatAddress, parseAddress } from '../address.ts'
import { ADDRESSES } from '../defaults.ts'
import { isMetadataAddress } from '../network-address.ts'
import { durationSchema, sizeSchema } from '../units.ts'
import { accountSchema } from './accounts.ts'
import { authenticatorSchema } from './authenticator-schema.ts'
import { namedCacheSchema } from './caches.ts'
import { jwksSchema } from './jwks-schema.ts'
import { kebabCase } from './kebab-case.ts'
import { matchSchema } from './match.ts'
import { pathSchema } from './path-pattern.ts'

const address = z
  .string()
  .regex(ADDRESS_FORM, { error: 'expected HOST:PORT', abort: true })
  .transform((text, context): Address => {
    const parsed = parseAddress(text)
    if (parsed) return parsed
    context.addIssue({ code: 'custom', message: 'expected a port of at most 65535' })
    return z.NEVER
  })
const addressOrOff = z.union([z.literal('off'), address])

/** Where requests are forwarded: origin and base path. */
export const upstreamUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), 'expected an http(s) URL')
  .refine(
    (text) => !/^[^/]*\/\/[^/]*@/.test(text),
    'expected a URL without user name and password; a policy injects credentials',
  )
  .refine((text) => !/[?#]/.test(text), 'expected a URL without query and fragment')
  .refine((text) => !isMetadataAddress(URL.parse(text)?.hostname ?? ''), {
    error: 'expected an upstream that is not link-local and not a metadata service',
    params: { rule: 'upstream/address', hint: 'no request may reach what holds credentials' },
  })

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
  minVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .optional()
    .describe('Least version of TLS. Default TLSv1.2.'),
})

const listenSchema = z.union([
  address,
  z.strictObject({
    address: address.describe('HOST:PORT.'),
    tls: listenerTlsSchema.describe('Speak TLS; a reload renews what the files hold.'),
  }),
])

/** How a route's upstream is reached, in long form. */
const upstreamSchema = z.strictObject({
  url: upstreamUrl.describe('Origin and base path.'),
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
    .optional()
    .describe('Host field: upstream (default), client, or a name.'),
  timeouts: z
    .strictObject({
      connect: durationSchema.optional().describe('Default 2s.'),
      headers: durationSchema.optional().describe('Until the response head. Default 30s.'),
      body: durationSchema.optional().describe('Between two chunks of the response. Default 30s.'),
    })
    .optional(),
  tls: z
    .strictObject({
      ca: file.optional().describe('PEM file of accepted authorities.'),
      cert: file.optional().describe('PEM file of our client certificate.'),
      key: file.optional().describe('PEM file of its private key.'),
    })
    .optional(),
  pool: z
    .strictObject({ connections: z.int().positive().optional().describe('Default 128.') })
    .optional(),
})

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
  vars: z.record(z.string(), z.json()).optional().describe('Expressions see them as vars.'),
})

/** A gateway file that fits the schema. */
export type GatewayConfig = z.infer<typeof gatewaySchema>

/** The TLS part of a gateway file's `listen`. */
export type ListenerTlsConfig = z.infer<typeof listenerTlsSchema>

/** One route of a gateway file. */
export type RouteConfig = z.infer<typeof routeSchema>
