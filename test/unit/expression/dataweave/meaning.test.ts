import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DataWeaveError,
  translateDataWeave,
  translateFlexValue,
} from '../../../../src/expression/index.ts'
import { write } from '../../../support/dataweave-expression.ts'
import { interpret } from '../../../support/dataweave-interpreter.ts'
import { contexts, expressions } from './arbitraries.ts'
import { evaluate } from './request.ts'

const RUNS = 2000

const FAILED = 'failed'

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    const value = (await run()) ?? undefined
    // Infinity is no JSON; zero has no sign there.
    const written = JSON.stringify(value, (_, item) => {
      if (typeof item === 'number' && !Number.isFinite(item)) throw new Error('no value')
      return item
    })
    return written === undefined ? undefined : JSON.parse(written)
  } catch {
    return FAILED
  }
}

/** Undefined for text or a number as a condition, which no request makes true or false. */
function jsonataOf(source: string): string | undefined {
  try {
    return translateDataWeave(source).jsonata
  } catch (error) {
    if (error instanceof DataWeaveError && error.message === 'expected true or false') {
      return undefined
    }
    throw error
  }
}

describe('translated DataWeave', () => {
  it('gives what an independent reading of the same expression gives', async () => {
    let failed = 0
    let missing = 0
    let interpolated = 0
    const property = fc.asyncProperty(expressions, contexts, async (expression, given) => {
      const source = write(expression)
      const jsonata = jsonataOf(source)
      fc.pre(jsonata !== undefined)
      const expected = await outcome(() => interpret(expression, given))
      const found = await outcome(() => evaluate(`#[${jsonata}]`, given))
      const { text } = translateFlexValue(`#[${source}]`)
      const isSame = text === `#[${jsonata}]`
      const inFile = isSame ? found : await outcome(() => evaluate(text, given))
      failed += expected === FAILED ? 1 : 0
      missing += expected === undefined ? 1 : 0
      interpolated += isSame ? 0 : 1
      expect([source, jsonata, found]).toStrictEqual([source, jsonata, expected])
      expect([source, text, inFile]).toStrictEqual([source, text, expected])
      expect(jsonata).not.toMatch(/attributes(?!\.)|attributes\.headers(?!\.)/)
    })
    await fc.assert(property, { numRuns: RUNS })
    expect(interpolated).toBeGreaterThan(10)
    // Most of them have a value, or the comparison would say little.
    expect(failed).toBeLessThan(RUNS * 0.4)
    expect(missing).toBeLessThan(RUNS * 0.4)
  }, 60_000)
})
