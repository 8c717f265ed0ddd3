import fc from 'fast-check'
import { recased } from './arbitrary-fields.ts'

/** Pairs of a query or a form: what they claim as the parameter of a policy says `CLIENT`, all else `KEPT`. */
export function pairs(name: string): fc.Arbitrary<readonly string[]> {
  return fc.array(fc.oneof(claims(name), claims(name), hidden(name), kept(name)), { maxLength: 6 })
}

/** Lines of a `Cookie` field, made the same way. */
export function cookieLines(name: string): fc.Arbitrary<readonly string[]> {
  const claim = fc
    .tuple(recased(name).chain(encoded), fc.constantFrom('', ' '), fc.constantFrom('', '[x]', '.x'))
    .map(([spelling, blank, index]) => `${spelling}${index}${blank}=CLIENT`)
  const behindComma = claim.map((pair) => `a=KEPT,${pair}`)
  const other = fc.constantFrom(
    'a=KEPT',
    `${name}s=KEPT`,
    `x${name}=KEPT`,
    'b="KEPT"',
    '__proto__=KEPT',
  )
  const line = fc
    .tuple(
      fc.constantFrom('; ', ';', ' ;'),
      fc.array(fc.oneof(claim, behindComma, other), { maxLength: 4 }),
    )
    .map(([separator, list]) => `Cookie: ${list.join(separator)}`)
  return fc.array(line, { maxLength: 3 })
}

/** The text with any of its characters percent-encoded, in either case of the digits. */
function encoded(text: string): fc.Arbitrary<string> {
  const each = [...text].map((character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
    return fc.constantFrom(character, character, `%${hex}`, `%${hex.toUpperCase()}`)
  })
  return fc.tuple(...each).map((parts) => parts.join(''))
}

/** What is left when a name ends early: servers read an index, a member, or nothing more. */
const TAILS = [
  '',
  '',
  '[]',
  '[x]',
  '%5B%5D',
  '%5b0',
  '[',
  '.x',
  '.',
  '%00',
  '%00x',
  '+',
  '%20',
  '%5Bx%5D.y',
]

function claims(name: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('', '', '+', '%20', '%09'),
      recased(name).chain(encoded),
      fc.constantFrom(...TAILS),
      fc.constantFrom('=CLIENT', '=CLIENT', '=CLIENT%zz', '=CLIENT=x', ''),
    )
    .map((parts) => parts.join(''))
}

/** A claim behind a `;`, which parts pairs for some servers. */
function hidden(name: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('a=KEPT', '', 'KEPT', 'a=%3BKEPT'), claims(name))
    .map((parts) => parts.join(';'))
}

function kept(name: string): fc.Arbitrary<string> {
  const fixed = [
    'a=KEPT',
    'KEPT',
    '',
    '=KEPT',
    'a%5Bb%5D=KEPT',
    'x=%zzKEPT',
    'a=+%20KEPT',
    'é=KEPT',
  ]
  const near = [
    `${name}s`,
    `x${name}`,
    `${name}-x`,
    `my_${name}`,
    `${name.slice(0, -1)}`,
    '__proto__',
  ]
  return fc.constantFrom(
    ...fixed.filter((pair) => !/[^\x21-\x7e]/.test(pair)),
    ...near.map((other) => `${other}=KEPT`),
  )
}
