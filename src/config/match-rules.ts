import { z } from 'zod'
import { compilePattern, ExpressionSyntaxError } from '../expression/index.ts'
import { tokenSchema } from '../header-name.ts'
import { withoutPort, withoutRootDot } from '../match/index.ts'
import type { RequestHead } from '../types.ts'

const pattern = z.string().superRefine((text, { addIssue }) => {
  try {
    compilePattern(text)
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    const { message, rule, hint } = error
    addIssue({ code: 'custom', message, params: { rule, hint } })
  }
})

const ruleSchema = z.strictObject({
  path: pattern.optional().describe('The path, without the query.'),
  methods: pattern.optional().describe('The method.'),
  host: pattern.optional().describe('The host, in lower case, with its port or without.'),
  headers: z
    .record(tokenSchema('a header name, such as x-env'), pattern)
    .optional()
    .describe('By name: a field on one line.'),
})

/** `match.rules`: regular expressions in RE2 syntax, each for a whole text. */
export const rulesSchema = z.array(ruleSchema).min(1)

type Holds = (head: RequestHead) => boolean

/** Compiles `match.rules`: at least one of them must hold, with all that stands in it. */
export function compileRules(rules: z.infer<typeof rulesSchema>): Holds {
  const compiled = rules.map(compileRule)
  return (head) => compiled.some((holds) => holds(head))
}

function compileRule({ path, methods, host, headers = {} }: z.infer<typeof ruleSchema>): Holds {
  const parts: Holds[] = Object.entries(headers).map(([name, text]) => headerRule(name, text))
  if (methods !== undefined) parts.push(textRule(methods, ({ method }) => [method]))
  if (path !== undefined) parts.push(textRule(path, ({ requestPath }) => [requestPath]))
  if (host !== undefined) parts.push(textRule(host, hostsOf))
  return (head) => parts.every((holds) => holds(head))
}

function textRule(text: string, read: (head: RequestHead) => readonly string[]): Holds {
  const matches = compilePattern(text)
  return (head) => read(head).some(matches)
}

function headerRule(name: string, text: string): Holds {
  const lower = name.toLowerCase()
  return textRule(text, ({ headers }) => {
    const sent = Object.hasOwn(headers, lower) ? headers[lower] : undefined
    // of several lines, none is the one that counts
    return typeof sent === 'string' ? [sent] : []
  })
}

function hostsOf({ host }: RequestHead): readonly string[] {
  const name = withoutRootDot(host)
  return [name, withoutPort(name)]
}
