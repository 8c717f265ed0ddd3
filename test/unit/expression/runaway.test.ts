import { describe, expect, it } from 'vitest'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (text: string) => parseTemplate(text, environment)

/**
 * What an evaluation ends with, and the shortest of three times it kept the event loop, in milliseconds of this
 * thread's CPU: what else the machine does is not its fault.
 */
async function run(source: string, payload: unknown) {
  const template = parse(`#[${source}]`)
  let outcome: unknown
  let shortest = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 3; attempt += 1) {
    // JSONata waits for microtasks only, so the loop is kept from beginning to end.
    const started = process.threadCpuUsage()
    try {
      await template.evaluate(request({ payload }))
      outcome = 'result'
    } catch (error) {
      outcome = (error as { code: string }).code
    }
    const { user, system } = process.threadCpuUsage(started)
    shortest = Math.min(shortest, (user + system) / 1000)
  }
  return { outcome, shortest }
}

const a = (count: number) => 'a'.repeat(count)
const numbers = (count: number) => Array.from({ length: count }, (_, index) => count - index)
const rows = (count: number) => numbers(count).map((id) => ({ id, name: `name ${id}` }))
const doubling = (grow: string) => `($f := function($s, $n) { $n = 0 ? $s : $f(${grow}, $n - 1) }; `

describe('a run-away expression', () => {
  it.each([
    ['tail recursion', '($f := function($x) { $f($x + 1) }; $f(0))', 1],
    ['recursion', '($f := function($x) { 1 + $f($x + 1) }; $f(0))', 1],
    [
      'mutual recursion',
      '($f := function($x) { $g($x) }; $g := function($x) { $f($x) }; $f(0))',
      1,
    ],
    ['a greedy pattern on a long text', '$contains(payload, /(.*a){20}$/)', a(20_000)],
    ['many matches in a long text', '$match(payload, /(?:a*b|a)/)', a(20_000)],
    ['a long range', '$join([1..1000000].$pad("", 1000, "x"))', 1],
    ['padding of many', '$join([1..10000].$pad("", 1000, "x"))', 1],
    ['a replacement that squares', '$replace(payload, "a", payload)', a(20_000)],
    ['a replacement that squares 8 KB', '$replace(payload, "a", payload)', a(8192)],
    ['a pattern that squares 8 KB', '$replace(payload, /a/, payload)', a(8192)],
    ['a replacement with references', '$replace(payload, /a+/, "$0$0$0$0$0$0$0$0")', a(20_000)],
    ['sorting a long range', '$sort([1..200000], function($x, $y) { true })', 1],
    ['sorting with a comparator', '$sort(payload, function($x, $y) { true })', numbers(9000)],
    ['sorting a long array', '$sort(payload)', numbers(50_000)],
    ['ordering a long array', 'payload^($)', numbers(9000)],
    ['joining two long texts', '$length(payload & payload)', a(40_000)],
    ['encoding a long text', '$length($encodeUrlComponent(payload))', '€'.repeat(20_000)],
    ['joining many', '$join(payload, $pad("", 60000))', numbers(8000).map(String)],
    ['a value of many nodes', '$count(payload)', numbers(150_000)],
    ['a replacement beyond any string', '$replace(payload, "a", $pad("", 60000))', a(20_000)],
    ['a long replacement', '$replace($pad("", 400, "a"), /a/, payload)', '$1'.repeat(20_000)],
    ['a long roman number', '$formatInteger(payload, "I")', 1e9],
    ['a billion of padding', '$pad("", 1000000000, "x")', 1],
    ['padding to the left', '$pad("", -1e8)', 1],
    ['a long filler', '$pad("", 60000, "long filler")', 1],
    ['doubling a string', `${doubling('$s & $s')} $f("a", 27))`, 1],
    ['doubling an array for text', `${doubling('[[$s], [$s]]')} $string($f(1, 30)))`, 1],
    ['doubling an array for a test', `${doubling('[[$s], [$s]]')} $f(1, 30) = $f(1, 30))`, 1],
    ['doubling an object', `${doubling('{"a": $s, "b": $s}')} $f(1, 30) & "")`, 1],
    ['doubling by $zip', '$reduce([1..30], function($p, $i) { $zip($p, $p) }, [1])', 1],
    ['doubling by $append', '$reduce([1..30], function($p, $i) { $append($p, $p) }, [1])', 1],
    ['doubling by $join', '$reduce([1..30], function($p, $i) { $join([$p, $p]) }, "a")', 1],
    ['splitting 3 MB into characters', '$split(payload, "")', a(3_000_000)],
    ['text of a 2 MB body', '$string($)', { text: a(2_000_000) }],
    ['text of many rows', '"" & payload', rows(5000)],
    ['base64 of 80 KB', '$base64encode(payload)', a(80_000)],
    ['a long picture', '$formatNumber(1, payload)', '#'.repeat(100_000)],
    ['a long date picture', '$fromMillis(1, payload)', '[Y]'.repeat(10_000)],
    ['comparing each with each', '$distinct(payload)', numbers(30_000)],
    ['calling a built-in for each', '$map(payload, $string)', numbers(30_000)],
    ['grouping many rows', 'payload{name: $}', rows(3300)],
    ['a long array', `[${'$,'.repeat(2000)}1]`, rows(30)],
    ['spreading many rows', '$spread(payload)', rows(4000)],
    ['copying long arrays often', '[1..10000].[1..10000]', 1],
    ['looking a name up often', '[1..1000].($$.payload.a)', [numbers(30_000).map(() => ({}))]],
    ['looking keys up often', '[1..1000].$keys($$.payload)', rows(5000)],
    ['merging often', '[1..1000].$merge($$.payload)', rows(5000)],
    ['zipping often', '[1..1000].$zip($$.payload, $$.payload)', numbers(9000)],
    ['$lookup often', '[1..1000].$lookup($$.payload, "a")', numbers(30_000).map(() => ({}))],
    ['a long text, measured often', '[1..1000].$length($$.payload)', a(100_000)],
  ])('is stopped: %s', async (_, source, payload) => {
    const { outcome, shortest } = await run(source, payload)
    expect(outcome).toBe('expr/limit')
    expect(shortest).toBeLessThan(50)
  })

  it.each([
    ['/^(a+)+$/ on 30 characters', '$match(payload, /^(a+)+$/)', `${a(30)}!`],
    ['/^(a+)+$/ on 20 KB', '$contains(payload, /^(a+)+$/)', `${a(20_000)}!`],
    ['/(.*a){20}$/ on 28 characters', '$contains(payload, /(.*a){20}$/)', a(28)],
    ['/(a|a)*b/ on 20 KB', '$contains(payload, /(a|a)*b/)', a(20_000)],
    ['/(x+x+)+y/ on 20 KB', '$contains(payload, /(x+x+)+y/)', 'x'.repeat(20_000)],
  ])('has no catastrophic pattern: %s', async (_, source, payload) => {
    const { outcome, shortest } = await run(source, payload)
    expect(outcome).toBe('result')
    expect(shortest).toBeLessThan(50)
  })

  it.each([
    ['500 rows', '$map(payload, function($row) { $row.name & "/" & $row.id })', rows(500)],
    ['a filter of 300 rows', 'payload[$contains(name, /7$/)].id', rows(300)],
    ['a sort of 200 rows', 'payload^(id).id', rows(200)],
    ['groups of 500 rows', 'payload{name: id}', rows(500)],
    ['a sum of 5,000 numbers', '$sum(payload)', numbers(5000)],
    ['text of 200 rows', '$length($string(payload))', rows(200)],
    ['40 cookies', '$split(payload, /; */)', Array(40).fill('name=some value').join('; ')],
  ])('is told from honest work: %s', async (_, source, payload) => {
    expect((await run(source, payload)).outcome).toBe('result')
  })

  it('keeps the place of the limit, and nothing of the request', async () => {
    const template = parse('user #[vars.region & $pad(payload, 100000)]')
    const error = await Promise.resolve(template.evaluate(request({ payload: 'sesame' }))).then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'expr/limit', place: { position: expect.any(Number) } })
    expect(JSON.stringify([error?.message, error, error?.stack])).not.toContain('sesame')
    expect(error?.cause).toBeUndefined()
  })

  it.each([
    ['$error(payload)', 'D3137'],
    ['$assert(false, payload)', 'D3141'],
    ['$number(payload)', 'D3030'],
    ['payload + 1', 'T2001'],
    ['$sum(payload)', 'T0412'],
    ['(payload)()', 'T1006'],
  ])('fails with the code of JSONata and without its values: %s', async (source, code) => {
    const template = parse(`#[${source}]`)
    const error = await Promise.resolve(template.evaluate(request({ payload: 'sesame' }))).then(
      () => undefined,
      (reason: Error) => reason,
    )
    expect(error).toMatchObject({ code: 'expr/failed' })
    expect(error?.message).toBe(`expected the expression to succeed (${code})`)
    expect(error?.cause).toBeUndefined()
  })
})
