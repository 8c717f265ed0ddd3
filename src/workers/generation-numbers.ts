import type { Compiled, Gateway } from '../compiled.ts'

/** Which reading of the files serves, by the number that the primary gave it. */
export interface GenerationNumbers {
  /** Notes what a reading was compiled to, which may be long before it serves. */
  note(number: number, compiled: Compiled): Compiled
  /** The number of what serves at this moment. */
  of(gateway: Pick<Gateway, 'compiled'>): number
}

/** Knows of no reading yet. */
export function createGenerationNumbers(): GenerationNumbers {
  const numbers = new WeakMap<Compiled, number>()
  return {
    note(number, compiled) {
      numbers.set(compiled, number)
      return compiled
    },
    of: ({ compiled }) => numbers.get(compiled) ?? 0,
  }
}
