import { nearest } from '../../nearest.ts'
import { DataWeaveError } from './dataweave-error.ts'
import { ARITY, HINTS, INPUTS } from './dialect.ts'
import type { Token } from './token.ts'

/** The error at a token that cannot stand where it does. */
export function unexpected(token: Token, expected: string, hint = ''): DataWeaveError {
  const { offset, end, text, kind } = token
  const known = kind === 'name' || kind === 'sign' ? HINTS[text] : undefined
  const message = known && text === '{' ? 'there are no object literals' : expected
  const fallback =
    kind === 'end' ? 'the expression ends too soon' : "write it in the gateway's dialect"
  return new DataWeaveError(message, offset, end - offset, known ?? (hint || fallback))
}

/** The error at a name that is no input. */
export function unknownInput(tokens: readonly Token[], at: number): DataWeaveError {
  const { text, offset, end } = tokens[at] as Token
  const dashed = dashedName(tokens, at)
  if (dashed) {
    const message = '"-" subtracts; a name with a dash stands in quotes'
    return new DataWeaveError(message, offset, end - offset, `write .'${dashed}'`)
  }
  if (ARITY[text] !== undefined) {
    return new DataWeaveError(`expected "(" after ${text}`, end, 1, `write ${text}(…)`)
  }
  const message = `"${text}" is not an input of the gateway's dialect`
  return new DataWeaveError(message, offset, end - offset, hintOf(text, INPUTS, 'inputs'))
}

/** The error at the name of a function that the dialect does not have. */
export function unknownFunction({ text, offset, end }: Token): DataWeaveError {
  const message = `"${text}" is not a function of the gateway's dialect`
  const hint = hintOf(text, Object.keys(ARITY), 'functions')
  return new DataWeaveError(message, offset, end - offset, hint)
}

function hintOf(name: string, names: readonly string[], what: string): string {
  const close = nearest(name, names)
  return HINTS[name] ?? (close ? `did you mean ${close}?` : `the ${what} are ${names.join(', ')}`)
}

// `x-forwarded-for`, of which the parser has read `x`, `-` and is at `forwarded`.
function dashedName(tokens: readonly Token[], at: number): string | undefined {
  const isJoined = (index: number) => tokens[index]?.end === tokens[index + 1]?.offset
  const isDash = (index: number) => tokens[index]?.text === '-' && isJoined(index - 1)
  let [from, to] = [at, at]
  while (isDash(from - 1) && isJoined(from - 1) && tokens[from - 2]?.kind === 'name') from -= 2
  while (isDash(to + 1) && isJoined(to + 1) && tokens[to + 2]?.kind === 'name') to += 2
  if (from === at || tokens[from - 1]?.text !== '.') return undefined
  return tokens
    .slice(from, to + 1)
    .map(({ text }) => text)
    .join('')
}
