import { distance } from 'fastest-levenshtein'

/** The candidate that was most likely meant, or undefined when none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Longer words are never close, and comparing them costs time.
  if (word.length > 64) return undefined
  const [best] = candidates
    .filter((candidate) => candidate !== word)
    .map((candidate) => ({ candidate, steps: stepsTo(word, candidate) }))
    .filter(({ candidate, steps }) => {
      const length = Math.max(word.length, candidate.length)
      return steps <= Math.max(1, Math.floor(length / 3))
    })
    .sort((a, b) => a.steps - b.steps)
  return best?.candidate
}

/** What to write instead of an unknown `name`: the nearest of `names` and all of them, or `otherwise` without any. */
export function nameHint(
  name: string,
  names: readonly string[],
  label: string,
  otherwise: string,
): string {
  if (names.length === 0) return otherwise
  const near = nearest(name, names)
  const list = `${label}: ${names.join(', ')}`
  return near === undefined ? list : `did you mean ${near}? ${list}`
}

function stepsTo(word: string, candidate: string): number {
  const [a, b] = [word.toLowerCase(), candidate.toLowerCase()]
  const steps = distance(a, b)
  // Two letters in the wrong order are one slip of the finger.
  const swapped = steps === 2 && [...a].sort().join('') === [...b].sort().join('')
  return swapped ? 1 : steps
}
