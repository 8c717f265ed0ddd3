import type { z } from 'zod'

/** What a value that has the right type was expected to be: the schema's own message, or one for zod's check. */
export function checkMessage(issue: z.core.$ZodIssue): string {
  // Our schemas say it in lower case; zod's own messages begin with a capital.
  if (!/^[A-Z]/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'too_small':
      return `expected ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`
    case 'too_big':
      return `expected ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`
    case 'invalid_format':
      return issue.pattern === undefined
        ? `expected text in the form of ${issue.format}`
        : `expected text that matches ${issue.pattern}`
    default:
      return 'expected another value'
  }
}

function bound(origin: string, words: string, limit: number | bigint): string {
  if (origin === 'string') return `${words} ${limit} character${limit === 1 ? '' : 's'}`
  if (origin === 'array') return `${words} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  return `${words} ${limit}`
}
