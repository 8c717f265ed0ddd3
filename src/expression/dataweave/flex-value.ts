import { literalText } from '../literal-text.ts'
import { DataWeaveError } from './dataweave-error.ts'
import type { Notice } from './notice.ts'
import { tokenize } from './token.ts'
import { translateDataWeave } from './translate.ts'

/** The value of a field of a Flex policy, as a template of ours. */
export interface FlexValue {
  /** A text for `parseTemplate`: literal, one `#[…]`, or texts joined, with several inside. */
  readonly text: string
  readonly kind: 'literal' | 'expression'
  /** Offsets count from the beginning of the value. */
  readonly notices: readonly Notice[]
  /** The text that it stands for whatever the request is; absent for anything else. */
  readonly constant?: string
}

/**
 * Translates a whole field value, which is literal or one `#[…]`; there, text around `#[…]` makes it literal.
 * Throws DataWeaveError, whose offset counts from the beginning of the value.
 */
export function translateFlexValue(value: string): FlexValue {
  const begin = value.length - value.trimStart().length
  if (!value.startsWith('#[', begin)) return literal(value)
  const end = value.trimEnd().length - 1
  if (value[end] !== ']' || end < begin + 2) {
    throw new DataWeaveError('expression has no closing "]"', end + 1, 1, 'end the value with ]')
  }
  try {
    const {
      jsonata,
      template = `#[${jsonata}]`,
      notices,
      ...traits
    } = translateDataWeave(value.slice(begin + 2, end))
    const shifted = notices.map((notice) => ({ ...notice, offset: notice.offset + begin + 2 }))
    return {
      text: template,
      kind: 'expression',
      notices: shifted,
      ...traits,
    }
  } catch (error) {
    throw error instanceof DataWeaveError ? error.shifted(begin + 2) : error
  }
}

function literal(value: string): FlexValue {
  const inner = unquoted(value)
  const text = inner ?? value
  const notices: Notice[] = []
  const about = (message: string, offset: number, length: number, hint: string) => {
    notices.push({ message, offset, length: Math.max(1, length), hint })
  }
  if (inner !== undefined) {
    about('quotes removed', 0, value.length, 'write the text without quotes')
  }
  const mark = value.indexOf('#[')
  if (mark >= 0) {
    const hint = 'let the whole value be one expression'
    about('text with an expression inside is literal', mark, 2, hint)
  }
  return {
    text: literalText(text),
    kind: 'literal',
    notices,
    constant: text,
  }
}

// Only a text that is one string from end to end, as the examples of the policy have it.
function unquoted(value: string): string | undefined {
  const written = value.trim()
  const quote = written[0] ?? ''
  if (!['"', "'"].includes(quote) || written.length < 2 || !written.endsWith(quote))
    return undefined
  if (written.includes('$'))
    return written.slice(1, -1).includes(quote) ? undefined : written.slice(1, -1)
  try {
    const [token, end] = tokenize(written)
    const [text] = token?.parts ?? []
    return end?.kind === 'end' && typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}
