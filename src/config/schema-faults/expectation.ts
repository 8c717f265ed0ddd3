import type { z } from 'zod'

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
  never: 'nothing',
}
const QUOTED = 40
const LISTED = 12

/** What the schemas behind these issues would have taken, in words: `a number, "off" or a map`. */
export function describeExpected(issues: readonly z.core.$ZodIssue[]): string {
  const words = issues.flatMap((issue): string[] => {
    if (issue.code === 'invalid_type') {
      return [ownWords(issue) ?? TYPES[issue.expected] ?? issue.expected]
    }
    if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value))
    return issue.code === 'invalid_union'
      ? issue.errors.flat().map((inner) => describeExpected([inner]))
      : []
  })
  return words.length === 0 ? 'another value' : listWords([...new Set(words)], '')
}

// Zod's own messages begin with a capital.
function ownWords({ message }: z.core.$ZodIssue): string | undefined {
  return /^expected (.+)$/.exec(message)?.[1]
}

/** What a schema takes, a word for each kind of value. */
export function describeSchema(schema: z.core.$ZodType): string[] {
  const { def, values } = schema._zod
  if (values !== undefined) return [...values].map((value) => JSON.stringify(value))
  return [TYPES[def.type] ?? 'another value']
}

/** What stands in the file, in words; a short scalar is quoted when `quotable`. */
export function describeFound(value: unknown, quotable: boolean): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value === 'string') {
    const quoted = quotable ? quote(value) : undefined
    return quoted === undefined ? 'text' : `text ${quoted}`
  }
  const word = typeof value === 'number' ? 'the number' : ''
  return quotable ? `${word} ${String(value)}`.trim() : `a ${typeof value}`
}

/** The text in quotation marks, or undefined when it is too long to quote. */
export function quote(text: string): string | undefined {
  return text.length <= QUOTED ? JSON.stringify(text) : undefined
}

/** `a, b or c`; words beyond the twelfth are left out. Text is put between `mark`s. */
export function listWords(words: readonly unknown[], mark = '"'): string {
  const shown = words
    .slice(0, LISTED)
    .map((word) => (typeof word === 'string' ? `${mark}${word}${mark}` : String(word)))
  if (words.length > LISTED) return `one of ${shown.join(', ')}, …`
  const last = shown.pop() ?? ''
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`
}
