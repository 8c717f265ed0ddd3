import { z } from 'zod'
import type { Criteria, HeaderCriterion } from '../criteria.ts'
import { fold, tokenSchema } from '../header-name.ts'
import type { Fault, Scope } from '../kind.ts'
import { withoutRootDot } from '../match/index.ts'
import { compileRules, rulesSchema } from './match-rules.ts'
import { pathPatternSchema, segmentsOf } from './path-pattern.ts'

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9.\-[\]:]+$/, 'expected a host name, with or without a port')

const headerName = tokenSchema('a header name, such as x-env')
const headerRule = z.union([
  z.string(),
  z.strictObject({ present: z.literal(true) }),
  z.strictObject({ oneOf: z.array(z.string()).min(1) }),
])

/** The `match` block: all that stand in it must hold. */
export const matchSchema = z.strictObject({
  hosts: z
    .array(hostName)
    .min(1)
    .optional()
    .describe(
      'Host names, compared without case and without a dot at the end; ' +
        'a name without a port matches any port.',
    ),
  path: pathPatternSchema
    .optional()
    .describe(
      'Whole segments, case-sensitive: /orders matches /orders/7, never /orders-archive. ' +
        '{name} stands for one segment: attributes.uriParams.name.',
    ),
  methods: z
    .array(z.string().regex(/^[A-Z-]+$/, 'expected an upper-case method'))
    .min(1)
    .optional()
    .describe('Request methods.'),
  headers: z
    .record(headerName, headerRule)
    .optional()
    .describe('By name: an exact value, { present: true } or { oneOf: [a, b] }.'),
  rules: rulesSchema
    .optional()
    .describe('At least one must hold; RE2 regular expressions for whole texts. The slow way.'),
})

/** A `match` block that fits the schema. */
export type MatchConfig = z.infer<typeof matchSchema>

/** Compiles a `match` block, which stands at `scope`; an absent one matches every request. */
export function compileMatch(config: MatchConfig = {}, scope: Scope): Criteria {
  const { hosts, path, methods, headers, rules } = config
  const star = path?.indexOf('*') ?? -1
  if (star >= 0) scope.report(['path'], { ...STAR, offset: star, length: 1 })
  return {
    ...(hosts && { hosts: hosts.map((host) => withoutRootDot(host.toLowerCase())) }),
    ...(path !== undefined && { path: segmentsOf(path) }),
    ...(methods && { methods }),
    ...(headers && { headers: Object.entries(headers).map(headerCriterion) }),
    ...(rules && { holds: compileRules(rules) }),
  }
}

/** Folded names of the header fields that a `match` block looks at. */
export function headersMatched({ headers = {}, rules = [] }: MatchConfig = {}): string[] {
  const blocks = [headers, ...rules.map((rule) => rule.headers ?? {})]
  return blocks.flatMap((block) => Object.keys(block).map(fold))
}

const STAR: Fault = {
  severity: 'warning',
  rule: 'match/star',
  message: 'expected a path without "*", which stands for itself here',
  hint: 'leave it out: /orders matches all that is below it, and {name} stands for one segment',
}

function headerCriterion([name, rule]: [string, z.infer<typeof headerRule>]): HeaderCriterion {
  const lower = name.toLowerCase()
  if (typeof rule === 'string') return { name: lower, values: [rule] }
  return 'present' in rule ? { name: lower } : { name: lower, values: rule.oneOf }
}
