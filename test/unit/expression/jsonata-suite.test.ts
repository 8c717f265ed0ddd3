import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../../src/environment.ts'
import { plainPath } from '../../../src/expression/classify.ts'
import { constant } from '../../../src/expression/constant.ts'
import { compile } from '../../../src/expression/engine.ts'
import { LIMITS, type Limits } from '../../../src/expression/limits.ts'
import { compileNative } from '../../../src/expression/native/compile.ts'
import type { Operand } from '../../../src/expression/native/operand.ts'
import { readPath } from '../../../src/expression/path.ts'
import { toPlain } from '../../../src/expression/result.ts'
import type { Node } from '../../../src/expression/syntax.ts'
import { corpus } from '../../support/corpus.ts'

interface Case {
  readonly id: string
  readonly expr: string
  readonly data?: unknown
  readonly dataset?: string | null
  readonly bindings?: Readonly<Record<string, unknown>>
  readonly timelimit?: number
  readonly depth?: number
  readonly unordered?: boolean
  readonly result?: unknown
  readonly undefinedResult?: boolean
  readonly code?: string
  readonly error?: Readonly<Record<string, unknown>>
}

/** Cases that our limits stop although the suite has a result for them. With wide limits they give it. */
const STOPPED: Readonly<Record<string, string>> = {
  'flattening/large#0': 'a sequence of 200,000 items',
  'flattening/large#1': 'a sequence of 200,000 items',
  'performance/case000': 'several 100,000 steps: each of 256 rows looks at all rows',
  'performance/case001': 'several 100,000 steps: each of 256 rows looks at all rows',
  'range-operator/case021': 'a range of 10,000,000 items',
  'range-operator/case024': 'a range of 10,000,000 items',
  'tail-recursion/case007': 'some 100,000 steps of recursion',
}

const WIDE: Limits = { ...LIMITS, steps: 1e9, sequence: 2e7, nodes: 1e9, text: 1e9 }

const folder = corpus('jsonata')
const environment = systemEnvironment()
const cases = folder === undefined ? [] : readCases(folder)

describe.skipIf(folder === undefined)('T076 JSONata’s own test suite', () => {
  const left = new Map<string, string>()

  it('has as many cases as its page says', () => {
    expect(cases).toHaveLength(1686)
  })

  it('gives the suite’s result for every case but those left out', async () => {
    const differences: string[] = []
    let ran = 0
    for (const test of cases) {
      if (/\$eval\b/.test(test.expr)) {
        left.set(test.id, '$eval is not available')
        continue
      }
      const outcome = await run(test, LIMITS)
      const reason = STOPPED[test.id]
      if (reason !== undefined) {
        left.set(test.id, reason)
        expect([test.id, isLimit(outcome.error)]).toEqual([test.id, true])
        continue
      }
      ran += 1
      const difference = compare(test, outcome)
      if (difference !== undefined) differences.push(`${test.id}: ${test.expr}: ${difference}`)
    }
    process.stdout.write(`jsonata suite: ${ran} of ${cases.length} cases ran\n`)
    for (const [reason, ids] of Map.groupBy(left.keys(), (id) => left.get(id))) {
      process.stdout.write(`  left out, ${reason}: ${ids.join(', ')}\n`)
    }
    expect(differences).toEqual([])
    expect(ran + left.size).toBe(1686)
  })

  it.each(Object.entries(STOPPED))(
    'gives the suite’s result for %s with wide limits',
    { timeout: 60_000 },
    async (id) => {
      const test = cases.find((candidate) => candidate.id === id) as Case
      const limits = { ...WIDE, stack: LIMITS.stack * 100 }
      expect(compare(test, await run(test, limits))).toBeUndefined()
    },
  )

  it('has constants that are folded to the same result', () => {
    let folded = 0
    for (const test of cases) {
      const tree = treeOf(test)
      const value = tree && constant(tree)
      if (value === undefined) continue
      folded += 1
      const plain = JSON.parse(JSON.stringify(toPlain(value.value, 1e6)))
      expect([test.id, plain]).toEqual([test.id, test.result])
    }
    process.stdout.write(`jsonata suite: ${folded} constants folded\n`)
    expect(folded).toBeGreaterThan(40)
  })

  it('has plain paths that are read directly with the same result', () => {
    let read = 0
    for (const test of cases) {
      const tree = treeOf(test)
      const path = test.code === undefined && tree && plainPath(tree)
      const input = inputOf(test)
      // An array as the input itself is not what an expression of ours sees.
      if (!path || Array.isArray(input) || test.bindings?.[''] !== undefined) continue
      read += 1
      const found = readPath(input, path.names, LIMITS.sequence, path.first)
      expect([test.id, found]).toEqual([test.id, test.undefinedResult ? undefined : test.result])
    }
    process.stdout.write(`jsonata suite: ${read} plain paths read directly\n`)
    expect(read).toBeGreaterThan(40)
  })

  it('has expressions that are answered natively with the same result', () => {
    let answered = 0
    for (const test of cases) {
      const tree = treeOf(test)
      const native = tree && compileNative(tree, LIMITS.steps)
      const input = inputOf(test)
      // neither is an input that an expression of ours sees
      if (!native || Array.isArray(input) || Object.keys(test.bindings ?? {}).length > 0) continue
      const result = answerOf(native, input)
      if (result === undefined) continue
      answered += 1
      expect([test.id, compare(test, result)]).toEqual([test.id, undefined])
    }
    process.stdout.write(`jsonata suite: ${answered} expressions answered natively\n`)
    expect(answered).toBeGreaterThan(100)
  })
})

function answerOf(native: Operand, input: unknown): Outcome | undefined {
  try {
    return { result: native(input) }
  } catch {
    return undefined
  }
}

interface Outcome {
  readonly result?: unknown
  readonly error?: unknown
}

async function run(test: Case, base: Limits): Promise<Outcome> {
  const limits = {
    ...base,
    ...(test.depth !== undefined && { stack: test.depth }),
    ...(test.timelimit !== undefined && { timeout: test.timelimit }),
  }
  try {
    const { evaluate } = compile(test.expr, limits)
    const scope = { environment, ...(test.bindings && { bindings: test.bindings }) }
    return { result: await evaluate(inputOf(test), scope) }
  } catch (error) {
    return { error }
  }
}

function compare(test: Case, { result, error }: Outcome): string | undefined {
  const expected = test.code ?? test.error
  if (expected !== undefined) {
    const found = (error ?? {}) as Record<string, unknown>
    // The suite runs these under limits of its own, whose error is not JSONata's.
    if (test.code === 'U1001') return isLimit(error) ? undefined : 'expected a limit'
    const properties: Record<string, unknown> = test.error ?? { code: test.code }
    const differs = Object.entries(properties).find(([name, value]) => found[name] !== value)
    return differs && `expected ${differs.join(' ')}, not ${String(found[differs[0]])}`
  }
  if (error !== undefined) return `expected a result, not ${(error as Error).message}`
  if (test.undefinedResult) return result === undefined ? undefined : 'expected undefined'
  const plain = result === undefined ? undefined : JSON.parse(JSON.stringify(result) ?? 'null')
  const same = isSame(plain, test.result, test.unordered)
  return same ? undefined : `expected ${JSON.stringify(test.result)}, not ${JSON.stringify(plain)}`
}

function isLimit(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string }
  return ['expr/limit', 'D1011', 'D1012', 'D2014', 'D2015'].includes(String(code))
}

function isSame(found: unknown, expected: unknown, unordered = false): boolean {
  if (!unordered) return isDeepStrictEqual(found, expected)
  const [items, others] = [found as unknown[], expected as unknown[]]
  const hasAll = others.every((other) => items.some((item) => isDeepStrictEqual(item, other)))
  return hasAll && items.length === others.length
}

function treeOf(test: Case): Node | undefined {
  try {
    return compile(test.expr, LIMITS).tree
  } catch {
    return undefined
  }
}

function inputOf(test: Case): unknown {
  if ('data' in test) return test.data
  return test.dataset ? readJson(join(folder ?? '', 'datasets', `${test.dataset}.json`)) : undefined
}

function readCases(from: string): readonly Case[] {
  const files = readdirSync(join(from, 'groups')).sort()
  return files.flatMap((file) => readJson(join(from, 'groups', file)) as Case[])
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
