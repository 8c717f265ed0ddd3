/**
 * True when a double holds the number that a JSON text writes: `1.10` yes, 2^53+1 and 20 further digits no.
 * What it holds is then what `JSON.stringify` writes, if in another spelling.
 */
export function isExactDouble(text: string): boolean {
  const double = Number(text)
  return Number.isFinite(double) && normalForm(text) === normalForm(String(double))
}

const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

// Sign, digits without zeros at the ends, and the power of ten of the last digit.
function normalForm(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  const written = whole + fraction
  const [from, to] = significant(written)
  if (from === to) return '0'
  // an exponent too long to be exact here belongs to a double of infinity or zero, and equals no other
  const power = Number(exponent) - fraction.length + (written.length - to)
  return `${sign}${written.slice(from, to)}e${power}`
}

// The expression /0+$/ would take the square of the time for a number that a client made of zeros.
function significant(digits: string): readonly [from: number, to: number] {
  let to = digits.length
  while (to > 0 && digits[to - 1] === '0') to -= 1
  let from = 0
  while (from < to && digits[from] === '0') from += 1
  return [from, to]
}
