import type { Fault } from '../../kind.ts'

const WORDS: Readonly<Record<string, boolean>> = { yes: true, on: true, no: false, off: false }

/** What all that surprises begins with. */
const LIKELY = /^[-+\dyno]/i

/**
 * What to say about a plain scalar that YAML 1.1 readers take for something else than YAML 1.2 does. Without
 * `quotes`, it is not repeated.
 */
export function surpriseOf(written: string, quotes = true): Fault | undefined {
  const fault = surpriseAt(written)
  if (!fault || quotes) return fault
  const message = 'expected a value that YAML 1.1 readers take for the same'
  return { ...fault, message, hint: 'quote it' }
}

function surpriseAt(written: string): Fault | undefined {
  if (!LIKELY.test(written)) return undefined
  const word = Object.hasOwn(WORDS, written.toLowerCase())
    ? WORDS[written.toLowerCase()]
    : undefined
  if (word !== undefined && /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/.test(written)) {
    return surprise(`${written} is text here; YAML 1.1 reads ${word}`, written)
  }
  if (/^[-+]?0[0-7]+$/.test(written)) {
    const octal = Number.parseInt(written, 8)
    return surprise(
      `${written} is the number ${Number(written)} here; YAML 1.1 reads ${octal}`,
      written,
    )
  }
  if (/^[-+]?[1-9][0-9]*(?::[0-5]?[0-9])+$/.test(written)) {
    const value = written.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    return surprise(`${written} is text here; YAML 1.1 reads ${value}`, written)
  }
  return undefined
}

function surprise(message: string, written: string): Fault {
  return { severity: 'notice', rule: 'yaml/surprise', message, hint: `quote it: "${written}"` }
}
