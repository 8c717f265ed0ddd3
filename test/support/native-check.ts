import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import jsonata from 'jsonata'
import { detached } from '../../src/expression/detached.ts'
import { compile } from '../../src/expression/engine.ts'
import { toFailure } from '../../src/expression/failure.ts'
import { parseTemplate, type Template } from '../../src/expression/index.ts'
import { LIMITS } from '../../src/expression/limits.ts'
import { compileNative } from '../../src/expression/native/compile.ts'
import { toPlain } from '../../src/expression/result.ts'
import { fixedEnvironment } from './clock.ts'
import { type NativeCase, nativeCases } from './native-expression.ts'
import { requestContext } from './request-context.ts'

/** What became of a case: answered natively, left to JSONata by its data, or by its form, or no expression. */
export type Outcome = 'answered' | 'left' | 'not compiled' | 'not parsed'

/** Runs generated cases, and gives how often each outcome was; rejects with the smallest case that differs. */
export async function checkNative(runs: number, seed: number): Promise<Record<Outcome, number>> {
  const outcomes = { answered: 0, left: 0, 'not compiled': 0, 'not parsed': 0 }
  const property = fc.asyncProperty(nativeCases, async (given) => {
    outcomes[await outcomeOf(given)] += 1
  })
  await fc.assert(property, { numRuns: runs, seed })
  return outcomes
}

const environment = fixedEnvironment()

/**
 * Evaluates a case natively, by JSONata as it is installed, by JSONata within our limits, and as a template. Rejects when
 * two of them differ: in the value, in how the template fails, or in that one fails where the native evaluation did not.
 */
async function outcomeOf({ source, payload }: NativeCase): Promise<Outcome> {
  const context = requestContext({}, { payload: payload as never })
  const template = parsed(source)
  if (template === undefined) return 'not parsed'
  const { tree, evaluate } = compile(source, LIMITS)
  const native = compileNative(tree, LIMITS.steps)
  const before = JSON.stringify(context)
  const found = await ended(() => native?.(context))
  const isAnswered = native !== undefined && 'value' in found
  const limited = await ended(() => evaluate(context, { environment }))
  if (isAnswered) {
    same(found, await ended(() => jsonata(source).evaluate(context)))
    same(found, limited)
  }
  // what is folded or read as a plain path has tests of its own
  if (template.form === 'general') {
    same(await ended(() => template.evaluate(context)), await ended(() => outside(limited)))
  }
  if (JSON.stringify(context) !== before) throw new Error('changed its input')
  if (isAnswered) return 'answered'
  return native ? 'left' : 'not compiled'
}

type End = { readonly value: unknown } | { readonly error: unknown }

function parsed(source: string): Template | undefined {
  try {
    return parseTemplate(`#[${source}]`, environment)
  } catch {
    return undefined
  }
}

async function ended(run: () => unknown): Promise<End> {
  try {
    return { value: detached(await run()) }
  } catch (error) {
    return { error }
  }
}

/** What the result of JSONata becomes outside the evaluation. */
function outside(end: End): unknown {
  try {
    if ('error' in end) throw end.error
    return toPlain(end.value, LIMITS.result)
  } catch (error) {
    throw toFailure(error, '#['.length)
  }
}

function same(found: End, expected: End): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error('differs', { cause: { found, expected } })
}
