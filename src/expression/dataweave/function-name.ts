import { DataWeaveError } from './dataweave-error.ts'
import { ARITY, COERCIONS, MODULES } from './dialect.ts'
import { unexpected, unknownFunction } from './parse-error.ts'
import type { Expr } from './syntax-tree.ts'
import type { Token } from './token.ts'

/**
 * The function that `module::name` names, as one token with the plain name as its text. Throws DataWeaveError for
 * one that the dialect does not have.
 */
export function functionNamed(path: readonly Token[]): Token {
  const [first, last] = [path[0] as Token, path.at(-1) as Token]
  const stray = path.find(({ kind }) => kind !== 'name')
  if (stray) throw unexpected(stray, 'expected a name after "::"')
  const name = { ...last, offset: first.offset }
  const module = path
    .slice(0, -1)
    .map(({ text }) => text)
    .join('::')
  if (last.text === 'toString' && module === COERCIONS) return name
  if (last.text === 'toString') {
    throw refused(name, 'toString needs its module', `write ${COERCIONS}::toString(…, 'UTF-8')`)
  }
  if (ARITY[last.text] === undefined) throw unknownFunction(name)
  if (module === '' || MODULES.includes(module)) return name
  const message = `module "${module}" is not in the gateway's dialect`
  throw refused(name, message, `write ${last.text}(…)`)
}

/** A call of the function that `name` names, with as many arguments as it takes. Throws DataWeaveError. */
export function callOf(name: Token, args: readonly Expr[], offset: number, end: number): Expr {
  const arity = ARITY[name.text] ?? 0
  if (args.length === arity) return { kind: 'call', name: name.text, args, offset, end }
  const message = `${name.text} takes ${arity} argument${arity === 1 ? '' : 's'}`
  const written = ['', '…', '…, …'][arity]
  throw refused(name, message, `write ${name.text}(${written})`)
}

function refused({ offset, end }: Token, message: string, hint: string): DataWeaveError {
  return new DataWeaveError(message, offset, end - offset, hint)
}
