import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/expression/engine.ts'
import { LIMITS } from '../../../src/expression/limits.ts'
import { fixedEnvironment } from '../../support/clock.ts'

const input = () => ({
  when: new Date(0),
  long: 'x'.repeat(65_536),
  list: Array(63).fill(1),
  forged: { tupleStream: true },
  data: { a: 1 },
})

async function outcome(source: string, limits = LIMITS): Promise<unknown> {
  try {
    const { evaluate } = compile(source, limits)
    return await evaluate(input(), { environment: fixedEnvironment() })
  } catch (error) {
    const { code, message, position } = error as {
      readonly code: string
      readonly message: string
      readonly position?: number
    }
    return [code, message, position]
  }
}

const LONG = 'expected an expression within 65536 characters in a string'
const PLAIN = 'expected plain data to make text of'
const FORGED = 'expected data without members named like JSONata internals'
const NOT_CALLED = 'Attempted to invoke a non-function'

describe('what a node of an expression gives', () => {
  it.each<[string, string, string, number]>([
    ['long & "x"', 'expr/limit', LONG, 6],
    ['"x" & long & ""', 'expr/limit', LONG, 5],
    ['1 + $length("x" & long)', 'expr/limit', LONG, 17],
    ['[when] & "x"', 'claim/type', PLAIN, 1],
    ['"x" & [when]', 'claim/type', PLAIN, 7],
    ['$exists(forged)', 'expr/failed', FORGED, 14],
    ['$exists([forged])', 'expr/failed', FORGED, 15],
    ['$exists(($x := forged; 1))', 'expr/failed', FORGED, 21],
    ['($x := data; $x(1))', 'T1006', NOT_CALLED, 15],
    ['($x := {"a": 1}; $x(1))', 'T1006', NOT_CALLED, 19],
  ])('is refused before anything uses it: %s', async (source, code, message, position) => {
    expect(await outcome(source)).toEqual([code, message, position])
  })

  it.each<[string, unknown]>([
    ['$exists(when)', true],
    ['[1, when] ~> $count', 2],
    ['$length(long)', 65_536],
    ['data.a & "x"', '1x'],
    ['data & ""', '{"a":1}'],
    ['($f := function($x) { $x }; $f(1))', 1],
    ['$sum(list)', 63],
    ['null', null],
  ])('is let through where it may be: %s', async (source, value) => {
    expect(await outcome(source)).toEqual(value)
  })

  it('costs more where it becomes text', async () => {
    const within = async (source: string, steps: number) =>
      !Array.isArray(await outcome(source, { ...LIMITS, steps }))
    // 64 nodes: 17 steps to walk, 2 to touch
    expect(await within('$exists(list)', 10)).toBe(true)
    expect(await within('list & ""', 15)).toBe(false)
    expect(await within('list & ""', 100)).toBe(true)
  })
})
