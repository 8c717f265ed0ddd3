/** What it is, an expression without its marks, and the payload that it reads. */
type PayloadExpression = readonly [what: string, source: string, payload: unknown]

const a = (count: number) => 'a'.repeat(count)
/** Whole numbers, the largest first. */
export const numbers = (count: number) => Array.from({ length: count }, (_, index) => count - index)
/** Objects such as a table has. */
export const rows = (count: number) => numbers(count).map((id) => ({ id, name: `name ${id}` }))
const doubling = (grow: string) => `($f := function($s, $n) { $n = 0 ? $s : $f(${grow}, $n - 1) }; `

/** Expressions that would run for long, or grow for long, if nothing stopped them. */
export const RUN_AWAYS: readonly PayloadExpression[] = [
  ['tail recursion', '($f := function($x) { $f($x + 1) }; $f(0))', 1],
  ['recursion', '($f := function($x) { 1 + $f($x + 1) }; $f(0))', 1],
  ['mutual recursion', '($f := function($x) { $g($x) }; $g := function($x) { $f($x) }; $f(0))', 1],
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
]

/** Patterns that take exponential time where they are matched by trying. */
export const CATASTROPHIC_PATTERNS: readonly PayloadExpression[] = [
  ['/^(a+)+$/ on 30 characters', '$match(payload, /^(a+)+$/)', `${a(30)}!`],
  ['/^(a+)+$/ on 20 KB', '$contains(payload, /^(a+)+$/)', `${a(20_000)}!`],
  ['/(.*a){20}$/ on 28 characters', '$contains(payload, /(.*a){20}$/)', a(28)],
  ['/(a|a)*b/ on 20 KB', '$contains(payload, /(a|a)*b/)', a(20_000)],
  ['/(x+x+)+y/ on 20 KB', '$contains(payload, /(x+x+)+y/)', 'x'.repeat(20_000)],
]

/** Sources that are too large, or too deep, to be an expression. */
export const UNREASONABLE: readonly (readonly [what: string, source: string])[] = [
  ['5,000 nested parentheses', `${'('.repeat(5000)}1${')'.repeat(5000)}`],
  ['3,000 nested arrays', `${'['.repeat(3000)}${']'.repeat(3000)}`],
  ['20,000 terms', `1${'+1'.repeat(20_000)}`],
  ['2,000 terms', `1${'+1'.repeat(2000)}`],
  ['4,000 signs', `${'-'.repeat(4000)}vars.a`],
  ['50 nested defaults', `${'('.repeat(50)}vars.a${'?:1)'.repeat(50)}`],
]
