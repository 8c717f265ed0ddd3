/** The functions of the dialect, with the number of arguments that each takes. */
export const ARITY: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  contains: 2,
  fromBase64: 1,
  isEmpty: 1,
  lower: 1,
  sizeOf: 1,
  splitBy: 2,
  substringAfter: 2,
  substringAfterLast: 2,
  substringBefore: 2,
  substringBeforeLast: 2,
  toBase64: 1,
  toString: 2,
  trim: 1,
  upper: 1,
  uuid: 0,
})

/** What an expression may begin with. */
export const INPUTS: readonly string[] = ['attributes', 'authentication', 'payload', 'vars']

/** Modules whose names may stand before a function of the dialect. */
export const MODULES: readonly string[] = [
  'dw::Core',
  'dw::core::Strings',
  'dw::core::Binaries',
  'dw::Strings',
  'dw::Binaries',
]

/** The one module that `toString` is taken from. */
export const COERCIONS = 'dw::util::Coercions'

/** What to write in place of a word that the gateway does not know, either. */
export const HINTS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  now: 'use the settings iat and exp for times',
  map: "there are no functions over items; select members of an array with ['name']",
  filter: 'there are no functions over items; test with contains',
  reduce: 'there are no functions over items; join texts with ++',
  match: 'write if (…) … else …',
  matches: 'compare with == or contains; there are no regular expressions',
  as: "there is no conversion; the claim's type setting converts text",
  is: 'there is no test of types; compare with == null, or use isEmpty',
  do: 'write the value itself; there are no local variables',
  using: 'write the value itself; there are no local variables',
  var: 'write the value itself; there are no local variables',
  in: 'write the list first: [1, 2] contains x',
  unless: 'write if (not …) … else …',
  replace: 'use substringBefore and substringAfter',
  startsWith: 'use contains, or compare substringBefore(…) with an empty string',
  joinBy: 'join texts with ++',
  p: 'write $NAME outside of #[ ] for a variable of the environment',
  '{': 'there are no object literals; write one claim for each member',
  '~=': 'write ==, which does not convert types',
  '===': 'write ==',
  '!==': 'write !=',
  '=': 'write == to compare',
  '&&': 'write and',
  '||': 'write or',
  '&': 'write and, or ++ to join texts',
  '?': 'write if (…) … else …, or compare with != null',
  '??': 'write default',
  '?.': 'write a plain selector: a missing member is null',
  '..': 'write every member on the way; there are no descendant selectors',
  '.*': 'write a plain selector, which on an array selects in every item',
  '.@': 'there are no XML attributes; bodies are JSON',
  '.#': 'there are no XML namespaces; bodies are JSON',
  '#': 'there are no XML namespaces; bodies are JSON',
  '->': 'there are no functions of your own',
  '=>': 'there are no functions of your own',
  '%': 'there is no remainder',
})
