import {
  type Encode,
  ExpressionSyntaxError,
  parseTemplate,
  type Root,
  type Template,
} from '../expression/index.ts'
import type { Scope } from '../kind.ts'
import type { Json, RequestContext } from '../types.ts'
import { chain, type Eventual, inOrder } from './eventual.ts'
import { allReads, READS_NOTHING } from './reads.ts'

/** A JSON value of a policy file whose texts may hold expressions, at any depth. */
export interface Value {
  /** The value itself when no expression decides it. */
  readonly constant?: Json
  /** True when two evaluations of one request may differ (`$uuid()`, `$nowSeconds()`). */
  readonly volatile: boolean
  /** Members of the request context that it reads, or may read. */
  readonly reads: Template['reads']
  /** Undefined when the value, or any part of it, is missing. Throws `expr/failed`, `expr/limit`, `claim/type`. */
  evaluate(context: RequestContext): Eventual<Json | undefined>
}

/**
 * Compiles a value of a policy file, whose expressions read only `roots` (default: what every expression sees), and
 * have what they put into text encoded by `encode`; undefined after a fault in an expression was reported at its
 * place.
 */
export function compileValue(
  value: Json,
  scope: Scope,
  roots?: readonly Root[],
  encode?: Encode,
): Value | undefined {
  if (typeof value === 'string') return fromTemplate(parse(value, scope, roots, encode))
  if (value === null || typeof value !== 'object') return constantValue(value)
  const isArray = Array.isArray(value)
  const entries = Object.entries(value).map(([name, member]) => {
    const place = scope.at(isArray ? Number(name) : name)
    return [name, compileValue(member, place, roots, encode)] as const
  })
  return entries.every(isCompiled) ? compositeValue(entries, isArray) : undefined
}

/** As `compileValue`, for a text that must be one `#[…]` alone. */
export function compileExpression(
  text: string,
  scope: Scope,
  roots?: readonly Root[],
): Value | undefined {
  const template = parse(text, scope, roots)
  if (template && !template.single) {
    scope.report([], {
      severity: 'error',
      rule: 'expr/single',
      message: 'expected a single expression, without text around it',
      hint: 'write "#[…]"',
    })
    return undefined
  }
  return fromTemplate(template)
}

function parse(
  text: string,
  scope: Scope,
  roots: readonly Root[] | undefined,
  encode?: Encode,
): Template | undefined {
  try {
    return parseTemplate(text, scope.environment, roots, encode)
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error
    scope.report([], {
      severity: 'error',
      rule: error.rule,
      message: error.message,
      offset: error.offset,
      length: error.length,
      ...(error.hint !== undefined && { hint: error.hint }),
    })
    return undefined
  }
}

function fromTemplate(template: Template | undefined): Value | undefined {
  if (template?.form !== 'literal') return template
  // a literal template answers at once and looks at no request
  return constantValue(template.evaluate({} as RequestContext) as Json)
}

function constantValue(constant: Json): Value {
  return { constant, volatile: false, reads: READS_NOTHING, evaluate: () => constant }
}

type Entry = readonly [name: string, member: Value]

function isCompiled(entry: readonly [string, Value | undefined]): entry is Entry {
  return entry[1] !== undefined
}

function compositeValue(entries: readonly Entry[], isArray: boolean): Value {
  const assemble = (values: readonly (Json | undefined)[]): Json | undefined => {
    if (!values.every((value) => value !== undefined)) return undefined
    if (isArray) return values
    // fromEntries defines own properties, so a member called `__proto__` stays a member
    return Object.fromEntries(entries.map(([name], index) => [name, values[index] as Json]))
  }
  const members = entries.map(([, member]) => member)
  const constant = assemble(members.map((member) => member.constant))
  if (constant !== undefined) return constantValue(constant)
  return {
    volatile: members.some((member) => member.volatile),
    reads: allReads(members),
    evaluate: (context) => chain(inOrder(members, context), assemble),
  }
}
