import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { loadPolicies } from '../../../src/config/load-policies.ts'
import { systemEnvironment } from '../../../src/environment.ts'
import { compile } from '../../../src/expression/engine.ts'
import { LIMITS } from '../../../src/expression/limits.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { hmacSecret } from '../../support/keys.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const secret = hmacSecret()
const environment = { ...systemEnvironment(), variable: () => secret }

/** The rules of all errors that a policy file with this `jwt` block has. */
async function errorsOf(jwt: object): Promise<string[]> {
  const block = { signingMethod: 'HS256', privateKey: { env: 'SECRET' }, ...jwt }
  const folder = await tempFolder({ 'p.yaml': JSON.stringify({ name: 'p', jwt: block }) })
  const { diagnostics } = await loadPolicies(folder.path, environment)
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
}

const claim = (source: string) =>
  errorsOf({ exp: 300, customClaims: [{ name: 'claim', value: `#[${source}]` }] })

describe('a policy file is refused', () => {
  it.each([
    ['tail recursion', '($f := function($x){$f($x+1)}; $f(0))'],
    ['recursion', '($f := function($x){1+$f($x+1)}; $f(0))'],
    ['mutual recursion', '($f := function($x){$g($x)}; $g := function($x){$f($x)}; $f(0))'],
    ['a million paddings', '$join([1..1000000].$pad("",1000,"x"))'],
    ['a sort without order', '$sort([1..200000],function($a,$b){true})'],
    ['a billion of padding', '$pad("",1000000000,"x")'],
  ])('T068 for a run-away expression that no request decides: %s', async (_what, source) => {
    expect(await claim(source)).toEqual(['expr/limit'])
  })

  it.each([
    ['5,000 nested parentheses', `${'('.repeat(5000)}1${')'.repeat(5000)}`],
    ['20,000 terms', `1${'+1'.repeat(20_000)}`],
    ['3,000 nested array literals', `${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['60 nested parentheses more than the limit', `${'('.repeat(124)}1${')'.repeat(124)}`],
  ])('T068 for a source that is too much to read: %s', async (_what, source) => {
    expect(await claim(source)).toEqual(['expr/syntax'])
  })

  it.each([
    ['doubling 27 times', '($f := function($s,$n){$n=0?$s:$f($s&$s,$n-1)}; $f("x",27))'],
    ['padding', '$pad("",1e8)'],
    ['a result above 16 KB', '$pad("", 17000, "x")'],
  ])('T069 for %s', async (_what, source) => {
    expect(await claim(source)).toEqual(['expr/limit'])
  })

  it.each([
    '$match(payload.v, /(a)\\1/)',
    '$match(payload.v, /(?<n>a)\\k<n>/)',
    '$match(payload.v, /a(?=b)/)',
    '$match(payload.v, /a(?!b)/)',
    '$match(payload.v, /(?<=a)b/)',
    '$match(payload.v, /(?<!a)b/)',
    '$replace(payload.v, /(a)\\1/, "b")',
    '$split(payload.v, /(?=b)/)',
  ])('T070 for a pattern with no bounded run time: %s', async (source) => {
    expect(await claim(source)).toEqual(['expr/regex'])
  })

  it.each([
    '$eval("1")',
    '$eval(payload.v)',
    'payload.v ~> $eval',
    '$map([payload.v], $eval)',
    '$eval(?)(payload.v)',
    '($f := $eval; $f(payload.v))',
    '{"f": $eval}.f(payload.v)',
    'payload.$eval(v)',
    '/* $ */ $eval /* ( */ (payload.v)',
  ])('T071 for $eval: %s', async (source) => {
    expect(await claim(source)).toEqual(['expr/eval'])
  })

  const ALL = { exp: 300, nbf: { offset: 0 }, iat: true, iss: 'a', aud: 'b', sub: 'c', jti: true }
  it.each(Object.keys(ALL))('T074 for a claim %s that the block sets as well', async (name) => {
    const computed = [{ name, value: '#[payload.v]' }]
    expect(await errorsOf({ ...ALL, customClaims: computed })).toEqual(['claim/duplicate'])
    // what has another type than the claim of this name is told that first
    for (const entry of [
      { name, value: 1 },
      { name, value: 'x' },
      { name: `/${name}/x`, value: 1 },
    ]) {
      expect(await errorsOf({ ...ALL, customClaims: [entry] })).toEqual([
        expect.stringMatching(/^claim\/(duplicate|type)$/),
      ])
    }
  })

  it('T074 for a claim that is set twice', async () => {
    const twice = [
      { name: 'role', value: 'a' },
      { name: 'role', value: 'b' },
    ]
    expect(await errorsOf({ exp: 300, customClaims: twice })).toEqual(['claim/duplicate'])
    const merged = [
      { name: 'role', value: { x: 1 } },
      { name: '/role/x', value: 2 },
    ]
    expect(await errorsOf({ exp: 300, customClaims: merged })).toEqual(['claim/duplicate'])
  })

  it.each([
    ['iss', 7],
    ['aud', []],
    ['aud', { a: 1 }],
    ['jti', 7],
    ['nbf', '1'],
    ['nbf', 1.5],
    ['nbf', 1_767_225_600_000],
  ])('T074 for a registered claim of another type: %s %j', async (name, value) => {
    expect(await errorsOf({ exp: 300, customClaims: [{ name, value }] })).toEqual(['claim/type'])
  })
})

describe('one compiled expression', () => {
  it('T072 mixes no identity in 10,000 evaluations that are all under way at once', async () => {
    const { evaluate } = compile(
      `($same := function($x, $y){$x}; [$wait($.id), $$.id, $map([1], function($n){$$.id}),
        id ~> $string, $same(?, 1)($$.id)])`,
      LIMITS,
    )
    const count = 10_000
    const environment = fixedEnvironment()
    let waiting = 0
    const all = Promise.withResolvers<void>()
    const wait = async (id: unknown) => {
      waiting += 1
      if (waiting === count) all.resolve()
      await all.promise
      // some go on earlier than others
      if (waiting++ % 3 === 0) await setImmediate()
      return id
    }
    const results = await Promise.all(
      Array.from({ length: count }, (_, index) => {
        return evaluate({ id: `caller-${index}` }, { environment, bindings: { wait } })
      }),
    )
    const mixed = results.filter((result, index) => {
      const id = `caller-${index}`
      return (result as string[]).length !== 5 || (result as string[]).some((one) => one !== id)
    })
    expect(mixed).toEqual([])
  }, 60_000)
})
