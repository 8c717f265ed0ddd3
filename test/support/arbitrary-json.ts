import fc from 'fast-check'
import { recased } from './arbitrary-fields.ts'

/**
 * JSON texts of an object that may claim the member at `path` any number of times, in any spelling, with `CLIENT`
 * as its value; all else says `KEPT`. Sometimes what stands on the way is no object, or the text no object at all.
 */
export function jsonTexts(path: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: objectText(path) },
    { weight: 1, arbitrary: fc.constantFrom('[1]', '"x"', '5', 'null', '', ' ', '{', '{"a":1,}') },
  )
}

function objectText([name = '', ...rest]: readonly string[]): fc.Arbitrary<string> {
  const below =
    rest.length === 0
      ? value('CLIENT')
      : fc.oneof(
          { weight: 8, arbitrary: objectText(rest) },
          { weight: 1, arbitrary: fc.constantFrom('5', '[]', 'null') },
        )
  const member = (key: fc.Arbitrary<string>, content: fc.Arbitrary<string>) =>
    fc.tuple(key, blank, blank, content).map(([text, before, after, given]) => {
      return `"${text}"${before}:${after}${given}`
    })
  const claimed = member(recased(name).chain(respelled), below)
  const plain = member(fc.constant(name), below)
  const other = member(
    fc.constantFrom('a', `${name}s`, `x${name}`, '', '__proto__', '\\u0061', 'constructor'),
    value('KEPT'),
  )
  return fc
    .tuple(blank, fc.array(fc.oneof(other, other, plain, claimed), { maxLength: 5 }), blank)
    .map(([before, members, after]) => `{${before}${members.join(`,${before}`)}${after}}${after}`)
}

const blank = fc.constantFrom('', '', ' ', '\n', '\t', '\r\n')

function value(mark: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    `"${mark}"`,
    `"${mark}\\u0022,\\"token\\":1"`,
    `["${mark}",{"x":"${mark}"}]`,
    `{"x":"${mark}","token":"${mark}"}`,
    `"${mark}" `,
  )
}

/** The text as a JSON string may spell it, and with letters that upper case takes for the same. */
function respelled(text: string): fc.Arbitrary<string> {
  const each = [...text].map((character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    const twins = character === 'k' ? ['\u212a', '\\u212a'] : character === 's' ? ['\u017f'] : []
    return fc.constantFrom(character, character, `\\u${code}`, `\\u${code.toUpperCase()}`, ...twins)
  })
  return fc.tuple(...each).map((parts) => parts.join(''))
}
