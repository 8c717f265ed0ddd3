import type { Limits } from './limits.ts'
import { findEnd } from './scan.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'

/** The source of an expression, and where it begins in the template's text. */
export interface Source {
  readonly source: string
  readonly offset: number
}

/** One stretch of a template: literal text, or an expression. */
export type Part = string | Source

/**
 * Splits a text at its `#[…]`. A backslash before `#[` makes it literal, two stand for one backslash.
 * Throws ExpressionSyntaxError for an expression that is empty or does not end.
 */
export function split(text: string, limits: Limits): Part[] {
  const parts: Part[] = []
  let literal = ''
  for (let at = 0; at < text.length; ) {
    const mark = text.indexOf('#[', at)
    if (mark < 0) {
      literal += text.slice(at)
      break
    }
    let backslashes = 0
    while (mark - backslashes > at && text[mark - backslashes - 1] === '\\') backslashes += 1
    literal += text.slice(at, mark - backslashes) + '\\'.repeat(Math.floor(backslashes / 2))
    if (backslashes % 2 === 1) {
      literal += '#['
      at = mark + 2
      continue
    }
    const end = findEnd(text, mark + 2, limits)
    const source = text.slice(mark + 2, end)
    if (source.trim() === '') throw new ExpressionSyntaxError('expression is empty', mark, 2)
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push({ source, offset: mark + 2 })
    at = end + 1
  }
  if (literal !== '' || parts.length === 0) parts.push(literal)
  return parts
}
