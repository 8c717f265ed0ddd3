import jsonata from 'jsonata'
import type { Environment } from '../environment.ts'
import { LIBRARY } from './builtins.ts'
import { detached } from './detached.ts'
import { EVALUATION, startEvaluation } from './evaluation.ts'
import type { Limits } from './limits.ts'
import { createMeter } from './meter.ts'
import { compileRegex, regexEngine } from './regex.ts'
import { type Node, nodes, token } from './syntax.ts'
import { ExpressionSyntaxError } from './syntax-error.ts'
import { watch } from './watch.ts'

/** A compiled JSONata expression. */
export interface CompiledExpression {
  readonly tree: Node
  /**
   * Evaluates to JSONata's own result, not yet plain JSON. Rejects with what JSONata throws, whose message may
   * hold values, or `expr/limit`. Any number of evaluations may be under way at once.
   */
  evaluate(input: unknown, scope: EvaluationScope): Promise<unknown>
}

/** What an evaluation has besides its input. */
export interface EvaluationScope {
  readonly environment: Environment
  readonly body?: Uint8Array
  /** Variables by name without `$`. */
  readonly bindings?: Readonly<Record<string, unknown>>
}

/**
 * Compiles a source text with JSONata, so that no evaluation can outrun `limits`. JSONata's own limits are
 * asked for on nodes only; ours also on what functions and operators work on and make. Throws
 * ExpressionSyntaxError.
 */
export function compile(source: string, limits: Limits): CompiledExpression {
  const options: {
    -readonly [Name in keyof jsonata.JsonataOptions]: jsonata.JsonataOptions[Name]
  } = {
    stack: limits.stack,
    sequence: limits.sequence,
    ...(limits.timeout !== undefined && { timeout: limits.timeout }),
  }
  const expression = parse(source, limits, options)
  const tree = expression.ast() as Node
  const all = check(tree, source, limits)
  // A copy each: JSONata notes on a function where it was called last.
  for (const [name, definition] of LIBRARY) expression.assign(name, { ...definition })
  expression.assign(EXIT as never, watch(all))
  // `list[]` makes JSONata set a flag on the array it finds, which may be shared, or frozen.
  const marks = all.some(({ keepSingletonArray }) => keepSingletonArray)
  return {
    tree,
    evaluate(input, { environment, body, bindings }) {
      const meter = createMeter(limits)
      // Read by JSONata before it first waits, so no other evaluation comes between.
      options.RegexEngine = regexEngine(meter) as unknown as RegExpConstructor
      const evaluation = startEvaluation(meter, environment, input, body)
      return expression.evaluate(marks ? detached(input) : input, {
        ...bindings,
        [EVALUATION]: evaluation,
      })
    },
  }
}

const EXIT = Symbol.for('jsonata.__evaluate_exit')

function parse(
  source: string,
  limits: Limits,
  options: jsonata.JsonataOptions,
): jsonata.Expression {
  if (source.length > limits.source) {
    throw new ExpressionSyntaxError(`expected at most ${limits.source} characters`, 0)
  }
  try {
    return jsonata(source, options)
  } catch (error) {
    throw syntaxError(error as Partial<jsonata.JsonataError>, source)
  }
}

// An error of JSONata's parser points behind the token it is about, or at a lone character.
function syntaxError(error: Partial<jsonata.JsonataError>, source: string): ExpressionSyntaxError {
  if (error instanceof RangeError) return tooDeep()
  const { message = 'not an expression', code } = error
  const end = Math.min(error.position ?? source.length, source.length)
  const written = String(error.token ?? '')
  const length = written !== '' && source.endsWith(written, end) ? written.length : 1
  const text = message.charAt(0).toLowerCase() + message.slice(1)
  return new ExpressionSyntaxError(text, Math.max(0, end - length), length, { code })
}

function check(tree: Node, source: string, limits: Limits): readonly Node[] {
  try {
    const all = nodes(tree, limits.nesting * 4)
    for (const node of all) if (node.type === 'regex') checkRegex(node, source)
    return all
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : error
  }
}

function tooDeep(): ExpressionSyntaxError {
  return new ExpressionSyntaxError('expected an expression that is nested less deeply', 0)
}

function checkRegex(node: Node, source: string): void {
  const { offset, length } = token(node, source)
  // JSONata copies the left side of `?:` and `??` through JSON, which loses the regular expression.
  if (!(node.value instanceof RegExp)) {
    const message = 'a regular expression cannot stand on the left of "?:" or "??"'
    const hint = 'bind it to a variable first'
    throw new ExpressionSyntaxError(message, offset, length, { hint })
  }
  try {
    compileRegex(node.value)
  } catch {
    const message = 'regular expression is not one that RE2 can run'
    const hint = 'write it without back-references and look-around, which have no bounded run time'
    throw new ExpressionSyntaxError(message, offset, length, { hint, rule: 'expr/regex' })
  }
}
