import { z } from 'zod'
import { tokenSchema } from '../header-name.ts'
import { parseTarget } from '../http/index.ts'
import type { RequestHead } from '../types.ts'

const hostName = z
  .string()
  .regex(/^[A-Za-z0-9.\-[\]:]+$/, 'expected a host name, with or without a port')

/** A path as requests have it. */
export const pathSchema = z
  .string()
  .regex(/^\//, { error: 'expected a path that starts with "/"', abort: true })
  .refine(isRequestPath, 'expected a path as requests have it: no query, dot or empty segments')

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
  path: pathSchema
    .optional()
    .describe('Whole segments, case-sensitive: /orders matches /orders/7, never /orders-archive.'),
  methods: z
    .array(z.string().regex(/^[A-Z-]+$/, 'expected an upper-case method'))
    .min(1)
    .optional()
    .describe('Request methods.'),
  headers: z
    .record(headerName, headerRule)
    .optional()
    .describe('By name: an exact value, { present: true } or { oneOf: [a, b] }.'),
})

/** A `match` block that fits the schema. */
export type MatchConfig = z.infer<typeof matchSchema>

type Matcher = (head: RequestHead) => boolean

/** False for a path that would never match, because no request can have it. */
function isRequestPath(path: string): boolean {
  try {
    return parseTarget('GET', path).path === path
  } catch {
    return false
  }
}

/** Compiles a `match` block; an absent one matches every request. */
export function compileMatch(config: MatchConfig = {}): Matcher {
  const { hosts, path, methods, headers = {} } = config
  const matchers: Matcher[] = []
  if (methods) matchers.push((head) => methods.includes(head.method))
  if (path) matchers.push(matchPath(path))
  if (hosts) matchers.push(matchHosts(hosts))
  for (const [name, rule] of Object.entries(headers)) {
    matchers.push(matchHeader(name.toLowerCase(), rule))
  }
  return (head) => matchers.every((matches) => matches(head))
}

function matchPath(path: string): Matcher {
  const prefix = path.endsWith('/') ? path : `${path}/`
  const exact = prefix.slice(0, -1)
  return ({ requestPath }) => requestPath === exact || requestPath.startsWith(prefix)
}

function matchHosts(hosts: readonly string[]): Matcher {
  const names = new Set(hosts.map((host) => withoutRootDot(host.toLowerCase())))
  return ({ host }) => {
    const name = withoutRootDot(host)
    return names.has(name) || names.has(name.replace(/:\d+$/, ''))
  }
}

// `a.` is the same host as `a`, written from the root of the domain names (RFC 3986 section 3.2.2).
function withoutRootDot(host: string): string {
  return host.replace(/\.(?=$|:\d+$)/, '')
}

function matchHeader(name: string, rule: z.infer<typeof headerRule>): Matcher {
  if (typeof rule === 'object' && 'present' in rule) {
    return ({ headers }) => Object.hasOwn(headers, name)
  }
  const values: readonly unknown[] = typeof rule === 'string' ? [rule] : rule.oneOf
  // a field sent on several lines is an array here, so it never equals one allowed value
  return ({ headers }) => Object.hasOwn(headers, name) && values.includes(headers[name])
}
