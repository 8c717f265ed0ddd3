/** Collects characters of the value together with where they were written. */
export interface OffsetWriter {
  /** Characters that all come from the one place `at`. */
  put(text: string, at: number): void
  /** Like `put`, for text that stands in the file as it is. */
  copy(text: string, at: number): void
  /** The offsets, and one for the end; undefined when what was written is not `value`. */
  finish(value: string): readonly number[] | undefined
}

/** An empty writer. */
export function createWriter(): OffsetWriter {
  const parts: string[] = []
  const offsets: number[] = []
  let end = 0
  return {
    put: (text, at) => {
      parts.push(text)
      for (let i = 0; i < text.length; i += 1) offsets.push(at)
      end = at + 1
    },
    copy: (text, at) => {
      parts.push(text)
      for (let i = 0; i < text.length; i += 1) offsets.push(at + i)
      end = at + text.length
    },
    finish: (value) => (parts.join('') === value ? [...offsets, end] : undefined),
  }
}

/** A line as offsets in a scalar's text. */
export interface Line {
  readonly from: number
  /** End without the line break. */
  readonly to: number
}

/** The lines of `source` between two offsets; a last one without a line break counts. */
export function linesOf(source: string, from: number, to: number): Line[] {
  const lines: Line[] = []
  let start = from
  for (let at = source.indexOf('\n', from); at >= 0 && at < to; at = source.indexOf('\n', start)) {
    lines.push({ from: start, to: at > start && source[at - 1] === '\r' ? at - 1 : at })
    start = at + 1
  }
  lines.push({ from: start, to })
  return lines
}
