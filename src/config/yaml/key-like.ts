/** Text without blanks in the alphabets of base64, base64url and hexadecimal, which is not the path of a place. */
const RUN = /[\w+/=-]{20,}(?![\w+/=-]|\.ya?ml:\d)/g
const PIECE = /[A-Z]?[a-z]+|[A-Z]+|\d+/g
const HEXADECIMAL = /^(?=.*\d)(?=.*[a-f])[\da-f]{32,}$/i
/** Letters and digits of a piece on the average, at most: words are longer. */
const RANDOM_PIECE = 3.5
const FEW_PIECES = 8

/** True when a part of `text` looks like key material, whatever it stands for: it is not to be shown. */
export function holdsKey(text: string): boolean {
  return text.includes('-----BEGIN') || (text.match(RUN) ?? []).some(isRandom)
}

/** The text with an ellipsis for each part that looks like key material. */
export function withoutKeys(text: string): string {
  return text.replace(RUN, (run) => (isRandom(run) ? '…' : run))
}

// Random text changes between letters, capitals and digits at every second or third character.
function isRandom(run: string): boolean {
  if (HEXADECIMAL.test(run)) return true
  const pieces = run.match(PIECE) ?? []
  return pieces.length >= FEW_PIECES && pieces.join('').length <= RANDOM_PIECE * pieces.length
}
