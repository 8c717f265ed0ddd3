/** A line that holds a part of a document, or the `---` between two. */
export interface Line {
  /** Spaces that it begins with. */
  readonly indent: number
  /** Where its text begins in the file, and where it ends but for spaces. */
  readonly from: number
  readonly to: number
  readonly isMarker: boolean
}

/** What simple text is written in: a tab or a carriage return is already more than that. */
const SIMPLE = /^[\n\x20-\x7e]*$/

/** The lines of simple text, without empty ones and comments; undefined when it is not simple. */
export function simpleLines(text: string): readonly Line[] | undefined {
  if (!SIMPLE.test(text)) return undefined
  const lines: Line[] = []
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    let from = start
    while (from < end && text[from] === ' ') from += 1
    let to = end
    while (to > from && text[to - 1] === ' ') to -= 1
    if (text[from] === '#' && from < end) {
      // an expression that lost its quotes
      if (text[from + 1] === '[') return undefined
    } else if (from < to) {
      const isMarker = from === start && to - from === 3 && text.startsWith('---', from)
      lines.push({ indent: from - start, from, to, isMarker })
    }
    start = end + 1
  }
  return lines
}
