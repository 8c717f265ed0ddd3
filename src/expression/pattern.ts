import { RE2JS, RE2JSSyntaxException } from 're2js'
import { ExpressionSyntaxError } from './syntax-error.ts'

const MAX_LENGTH = 4096
const MAX_PROGRAM = 1000
const QUOTED = 40

/**
 * Compiles a regular expression in RE2 syntax to a test whether a whole text matches, in time linear in the text.
 * Throws ExpressionSyntaxError for what RE2 does not know (back-references, look-around) and for one too large.
 */
export function compilePattern(source: string): (text: string) => boolean {
  if (source.length > MAX_LENGTH) throw tooLarge(source)
  const program = parse(source)
  if (program.programSize() > MAX_PROGRAM) throw tooLarge(source)
  return (text) => program.testExact(text)
}

function parse(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error
    const { error: reason, input } = error as { readonly error?: string; readonly input?: string }
    const found = input && input.length <= QUOTED ? `, found "${input}"` : ''
    const message = `expected a regular expression in RE2 syntax: ${reason}${found}`
    const at = Math.max(0, source.indexOf(input ?? ''))
    throw new ExpressionSyntaxError(message, at, input?.length, {
      rule: RULE,
      hint: hintFor(input),
    })
  }
}

const RULE = 'expr/regex'

function hintFor(found = ''): string | undefined {
  if (/^\(\?<?[=!]/.test(found)) return 'look-around is not there, as matching must not backtrack'
  if (/^\\[1-9k]/.test(found))
    return 'back-references are not there, as matching must not backtrack'
  return undefined
}

function tooLarge(source: string): ExpressionSyntaxError {
  const message = 'expected a smaller regular expression'
  const hint = 'repeat less, or write several rules'
  return new ExpressionSyntaxError(message, 0, source.length, { rule: RULE, hint })
}
