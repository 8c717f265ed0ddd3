import { describe, expect, it } from 'vitest'
import { LIBRARY } from '../../../src/expression/builtins.ts'
import { parseTemplate } from '../../../src/expression/index.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { request } from './request.ts'

const environment = fixedEnvironment()
const parse = (source: string) => parseTemplate(`#[${source}]`, environment)

async function resultFor(source: string, principal: string): Promise<unknown> {
  try {
    return (await parse(source).evaluate(request({ authentication: { principal } }))) ?? 'missing'
  } catch {
    return 'refused'
  }
}

/** Refused when they are parsed, with such arguments at least. */
const REFUSED = ['eval', 'bodyHash', 'hmac']

/** How a function that takes the context can come to be called. */
const CALLS = [
  (name: string) => `$${name}()`,
  (name: string) => `$${name}("authentication")`,
  (name: string) => `$${name}(function($v) { $string($v) })`,
  (name: string) => `($f := $${name}; $f())`,
  (name: string) => `($f := $${name}; $f("authentication"))`,
  (name: string) => `($f := $${name}; $g := $f; $string($f("authentication")) & $string($g()))`,
  (name: string) => `($${name})()`,
  (name: string) => `(true ? $${name} : $sum)("authentication")`,
  (name: string) => `[$${name}][0]()`,
  (name: string) => `($sum := $${name}; $sum("authentication"))`,
  (name: string) => `($f := function() { $${name} }; $f()("authentication"))`,
  (name: string) => `($f := [1].($${name}); $f("authentication"))`,
  (name: string) => `($f := [1].(function() { $${name}("authentication") }); $f())`,
  (name: string) => `($f := [1].(function() { true ? $${name}() : 1 }); $f())`,
  (name: string) =>
    `($h := function($f) { $f("authentication") }; $g := function() { $h($${name}) }; $g())`,
  // the name is that of a function of the expression, too
  (name: string) => `($f := $${name}; ($f := function() { 1 }); $f("authentication"))`,
  (name: string) =>
    `($f := [1].(function() { $${name}("authentication") }); ($f := function() { 1 }); $f())`,
  (name: string) =>
    `($h := function($f) { $f("authentication") }; ($f := function() { 1 }); (function() { $h($${name}) })())`,
  (name: string) =>
    `($h := function($f) { $f("authentication") }; ($f := function() { 1 }); $g := function() { $h($${name}) }; $g())`,
  (name: string) => `$map([$${name}], function($f) { $string($f()) })`,
  (name: string) => `$map([1], $${name})`,
  (name: string) => `(function($f) { $f("authentication") })($${name})`,
  (name: string) => `($trim ~> $${name})("authentication")`,
  (name: string) => `($${name} ~> $string)("authentication")`,
  (name: string) => `"authentication" ~> $${name}`,
  (name: string) => `"authentication" ~> $${name}()`,
  (name: string) => `$${name}(?)("authentication")`,
  (name: string) => `($f := $${name}(?, "authentication"); $f())`,
]

describe('a function that takes the context when it is given too little', () => {
  it.each(CALLS.map((call) => [call('NAME'), call] as const))(
    'never gives one caller what it read of another: %s',
    async (_shown, call) => {
      const names = [...LIBRARY.keys()].filter((name) => !REFUSED.includes(name))
      for (const name of names) {
        const source = call(name)
        const { reads, volatile } = parse(source)
        if (reads.size > 0 || volatile) continue
        const [ann, bob] = [await resultFor(source, 'ann'), await resultFor(source, 'bob')]
        expect([source, bob]).toEqual([source, ann])
      }
    },
  )

  it.each([
    ['($l := $lookup; $l("attributes").headers.`x-user`)'],
    ['($s := $string; $s())'],
    ['($f := $string; $g := $f; $g())'],
    ['($string)()'],
    ['(true ? $string : $keys)()'],
    ['[$string][0]()'],
    ['($f := $sum ~> $string; $f([1]))'],
    ['(function($f) { $f(1) })($sum)'],
    ['($g := [1].(function($x)<x-:x> { $x }); $g())'],
    ['($g := [1].(function($x)<x-:x> { $x }); ($g := function() { 1 }); $g())'],
  ])('may read everything where it cannot be followed: %s', (source) => {
    expect([...parse(source).reads]).toContain('header *')
  })

  it.each([
    ['$string(vars.a)'],
    ['$map(vars.list, $string)'],
    ['vars.a ~> $string'],
    ['vars.a ~> $lookup("b")'],
    ['vars.list.$string()'],
    ['($f := function($x) { $string($x) }; $f(vars.a))'],
    ['($f := function($n) { $n > 0 ? $f($n - 1) : vars.a }; $f(3))'],
    ['($p := $power(?, 2); $p(vars.a))'],
    ['function($x) { $x }(vars.a)'],
  ])('reads what it is given where it is given enough: %s', (source) => {
    expect([...parse(source).reads]).toEqual(['vars'])
  })
})

describe('a function that is new each time', () => {
  it.each([
    ['($u := $uuid; $u())'],
    ['($u := $nonce(?); $u(8))'],
    ['($u := $now ~> $length; $u())'],
    ['[$uuid][0]()'],
    ['($m := $toMillis; $m("1", "[H01]"))'],
    ['($m := $toMillis(?, "[H01]"); $m("1"))'],
    ['($m := [1].(function() { $millis() }); $m())'],
  ])('is known under another name: %s', (source) => {
    expect(parse(source).volatile).toBe(true)
  })
})
