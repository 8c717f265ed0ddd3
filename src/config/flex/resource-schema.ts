import { z } from 'zod'

// «Declarative Configuration Reference Guide»: what is left empty has its default, so null is nothing wrong there.

const name = z.string().min(1)

/** Labels and annotations say something to people and tools, nothing to the gateway. */
const metadata = z.strictObject({
  name,
  namespace: name.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

const rule = z.strictObject({
  path: z.string().optional(),
  methods: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  host: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
})
const rules = z.array(rule).nullish()

/** A rule of a policy or route: regular expressions that must match whole texts. */
export type FlexRule = z.infer<typeof rule>

const policyRef = z.preprocess(
  // some write the name alone
  (written) => (typeof written === 'string' ? { name: written } : written),
  z.strictObject({
    name,
    namespace: z
      .literal('default')
      .optional()
      .describe('Policies that the gateway comes with are in default.'),
  }),
)

const config = z.record(z.string(), z.unknown()).nullish()

const policyEntry = z.strictObject({ policyRef, config, rules })

const apiVersion = z.literal('gateway.mulesoft.com/v1alpha1')

/** One policy, or a list of them. */
export const policyListSchema = z.union([z.array(policyEntry).min(1), policyEntry])

/** `kind: PolicyBinding`. */
export const bindingSchema = z.strictObject({
  apiVersion,
  kind: z.literal('PolicyBinding'),
  metadata,
  spec: z.strictObject({
    targetRef: z.strictObject({
      kind: z.enum(['ApiInstance', 'Service']).optional(),
      name,
      namespace: name.optional(),
    }),
    policyRef,
    config,
    order: z.int().optional(),
    rules,
  }),
})

const serviceRoute = z.strictObject({
  config: z
    .strictObject({
      destinationPath: z
        .string()
        .regex(/^(?:\/[^?#]*)?$/, 'expected a path that starts with "/", without query')
        .nullish(),
    })
    .nullish(),
  rules,
})

/** A route to a service. */
export type FlexRoute = z.infer<typeof serviceRoute>

/** `kind: ApiInstance`. */
export const apiSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ApiInstance'),
  metadata,
  spec: z.strictObject({
    address: z.string(),
    services: z
      .record(
        name,
        z.strictObject({ address: z.string(), routes: z.array(serviceRoute).nullish() }),
      )
      .nullish(),
    policies: z.array(policyEntry).nullish(),
  }),
})

/** An ApiInstance that fits the schema. */
export type FlexApiResource = z.infer<typeof apiSchema>
