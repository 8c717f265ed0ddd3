import fc from 'fast-check'
import type { RequestContext } from '../../../../src/types.ts'
import type { Expression } from '../../../support/dataweave-expression.ts'
import { request } from '../request.ts'
import { map } from './request.ts'

const text = fc.constantFrom(
  '',
  'a',
  'b',
  'ab',
  'aba',
  'é',
  '😀b',
  ' a  b ',
  '.',
  '\\',
  '#[',
  'YQ==',
  '\'"\\$',
  '\n',
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(text, fc.integer({ min: -2, max: 3 }), fc.constantFrom(null, true, false, 0.5)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'id'), tie('value'), { maxKeys: 3 }),
  ),
})).value

const lines = fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }))
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const some = <Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) =>
  fc.record(shape, { requiredKeys: [] })

/** Requests with nulls, gaps, empty texts, several lines under one name, and arrays of one item. */
export const contexts: fc.Arbitrary<RequestContext> = fc
  .record({
    headers: some({ 'x-user': lines, 'x-many': lines, plain: lines }),
    queryParams: some({ id: lines, 'a b': lines }),
    payload: optional(json),
    authentication: some({
      principal: text,
      properties: some({
        claims: some({ a: json, roles: fc.array(text, { maxLength: 3 }) }),
        id: json,
      }),
    }),
    vars: some({ a: json, s: text, n: fc.integer({ min: -2, max: 2 }), b: fc.boolean() }),
  })
  .map(({ headers, queryParams, payload, ...members }) => {
    const { attributes } = request()
    const maps = { headers: map(headers as never), queryParams: map(queryParams as never) }
    const body = payload === undefined ? {} : { payload }
    return request({ attributes: { ...attributes, ...maps }, ...members, ...body })
  })

const literal = (value: string | number | boolean | undefined): Expression => ({
  kind: 'literal',
  value,
})
const input = (...path: string[]): Expression => ({ kind: 'input', path })
const header = (name: string): Expression => ({ kind: 'header', name })

type Tie = (name: string) => fc.Arbitrary<Expression>

const call = (name: string, ...args: fc.Arbitrary<Expression>[]) =>
  fc.tuple(...args).map((given): Expression => ({ kind: 'call', name, args: given }))
const binary = (operators: string[], ...sides: fc.Arbitrary<Expression>[]) =>
  fc
    .tuple(fc.constantFrom(...operators), ...sides)
    .map(([operator, ...given]): Expression => ({ kind: 'binary', operator, sides: given }))
const choice = (tie: Tie, type: string) =>
  fc.tuple(tie('boolean'), tie(type), tie(type)).map((parts): Expression => ({ kind: 'if', parts }))
const fixed = (...expressions: Expression[]) => fc.constantFrom(...expressions)

const separator = fixed(literal('a'), literal('.'), literal('😀'), input('vars', 's'))
const CUTS = ['substringBefore', 'substringAfter', 'substringBeforeLast', 'substringAfterLast']

// Most operands have the type that the operator needs, so that most expressions have a value.
const grammar = fc.letrec<Record<string, Expression>>((tied) => {
  const tie = tied as Tie
  const operand = (type: string) =>
    fc.oneof(
      { maxDepth: 4 },
      { arbitrary: tie(type), weight: 9 },
      { arbitrary: tie('any'), weight: 1 },
    )
  const [texts, numbers, booleans, lists] = ['text', 'number', 'boolean', 'list'].map(operand) as [
    fc.Arbitrary<Expression>,
    fc.Arbitrary<Expression>,
    fc.Arbitrary<Expression>,
    fc.Arbitrary<Expression>,
  ]
  const parts = fc.array(fc.oneof(text, tie('any'), texts), { minLength: 1, maxLength: 3 })
  return {
    text: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
      fc.oneof(
        text.map(literal),
        fixed(header('x-user'), header('X-MANY'), header('Plain'), input('attributes', 'method')),
        fixed(input('authentication', 'principal'), input('vars', 's'), input('payload', 'id')),
        fixed(input('attributes', 'queryParams', 'id'), input('attributes', 'queryParams', 'a b')),
      ),
      binary(['++'], texts, texts),
      parts.map((given): Expression => ({ kind: 'text', parts: given })),
      ...['upper', 'lower', 'trim', 'toBase64', 'fromBase64', 'toString'].map((name) =>
        call(name, texts),
      ),
      ...CUTS.map((name) => call(name, texts, separator)),
      choice(tie, 'text'),
    ),
    number: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
      fc.oneof(
        fc.integer({ min: 0, max: 3 }).map(literal),
        fixed(literal(2.5), input('vars', 'n')),
      ),
      binary(['+', '-', '*', '/'], numbers, numbers),
      numbers.map((given): Expression => ({ kind: 'minus', operand: given })),
      call('sizeOf', operand('list')),
      call('sizeOf', texts),
    ),
    boolean: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
      fixed(literal(true), literal(false), input('vars', 'b')),
      binary(['==', '!='], texts, texts),
      binary(['==', '!='], tie('any'), tie('any')),
      binary(['==', '!='], operand('any'), fixed(literal(undefined))),
      binary(['<', '>', '<=', '>='], texts, texts),
      binary(['<', '>', '<=', '>='], numbers, numbers),
      binary(['and', 'or'], booleans, booleans),
      fc
        .tuple(fc.constantFrom('not' as const, 'bang' as const), booleans)
        .map(([kind, given]): Expression => ({ kind, operand: given })),
      call('contains', lists, texts),
      call('contains', texts, texts),
      call('isEmpty', tie('any')),
    ),
    list: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
      fixed(input('authentication', 'properties', 'claims', 'roles'), { kind: 'list', items: [] }),
      fc.array(tie('any'), { maxLength: 3 }).map((items): Expression => ({ kind: 'list', items })),
      binary(['++', '--'], lists, lists),
      call('splitBy', texts, separator),
    ),
    any: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression', withCrossShrink: true },
      fixed(
        input('payload'),
        input('payload', 'a'),
        input('payload', 'a', 'id'),
        input('vars', 'a'),
        input('vars', 'a', 'b'),
        input('authentication', 'properties', 'id'),
        input('authentication', 'properties', 'claims', 'a'),
        input('authentication', 'properties', 'claims', 'a', 'b', 'id'),
        literal(undefined),
      ),
      ...['text', 'number', 'boolean', 'list'].map(tie),
      binary(['default'], tie('any'), tie('any')),
      binary(['--'], tie('any'), tie('any')),
      choice(tie, 'any'),
      fc
        .tuple(operand('list'), fc.oneof(numbers, texts))
        .map(([base, key]): Expression => ({ kind: 'select', base, key })),
      fc
        .tuple(tie('any'), fc.oneof(numbers, texts))
        .map(([base, key]): Expression => ({ kind: 'select', base, key })),
    ),
  }
})

const simple = fc.oneof(
  text.map(literal),
  fixed(header('x-user'), header('X-MANY'), input('authentication', 'principal')),
  fixed(input('attributes', 'method'), input('attributes', 'queryParams', 'id')),
)
const joined = fc.array(simple, { minLength: 2, maxLength: 4 }).map((operands) => {
  return operands.reduce((one, other) => {
    return { kind: 'binary', operator: '++', sides: [one, other] }
  })
})

/** Expressions of the dialect, of any type. */
export const expressions: fc.Arbitrary<Expression> = fc.oneof(
  { arbitrary: grammar.any as fc.Arbitrary<Expression>, weight: 9 },
  { arbitrary: joined, weight: 1 },
)
