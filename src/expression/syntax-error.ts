import { type Node, token } from './syntax.ts'

/** What an ExpressionSyntaxError says besides its message and place. */
export interface SyntaxErrorDetails {
  /** What to write instead. */
  readonly hint?: string | undefined
  /** Stable id of the check that failed: `expr/unknown-root`. Default `expr/syntax`. */
  readonly rule?: string | undefined
  /** JSONata's code for an error that its parser found: `S0202`. */
  readonly code?: string | undefined
}

/** A template that cannot be compiled: what is wrong, where, and what to write instead. */
export class ExpressionSyntaxError extends Error {
  /** Where the caret goes: an offset into the text that was parsed, from 0. */
  readonly offset: number
  /** Characters that the caret marks; at least 1. */
  readonly length: number
  readonly rule: string
  readonly hint?: string
  readonly code?: string

  constructor(message: string, offset: number, length = 1, details: SyntaxErrorDetails = {}) {
    super(message)
    this.name = 'ExpressionSyntaxError'
    this.offset = offset
    this.length = Math.max(1, length)
    this.rule = details.rule ?? 'expr/syntax'
    if (details.hint !== undefined) this.hint = details.hint
    if (details.code !== undefined) this.code = details.code
  }

  /** The same error for a text in which the parsed one begins at `by`. */
  shifted(by: number): ExpressionSyntaxError {
    return new ExpressionSyntaxError(this.message, this.offset + by, this.length, this)
  }
}

/** An error at the token of a node, found by the check `rule`. */
export function syntaxErrorAt(
  rule: string,
  node: Node,
  source: string,
  message: string,
  hint?: string,
): ExpressionSyntaxError {
  const { offset, length } = token(node, source)
  return new ExpressionSyntaxError(message, offset, length, { hint, rule })
}
