/** How much work one evaluation, and one source text, may ask for. */
export interface Limits {
  /** Characters (UTF-16 code units) of one expression's source. */
  readonly source: number
  /** Brackets open at once in one source, and twice that many levels of its syntax tree. */
  readonly nesting: number
  /** Work of one evaluation: 1 for every node evaluated, more for what works on long values. */
  readonly steps: number
  /** Nodes being evaluated at once, so the depth of a recursion. */
  readonly stack: number
  /** Items of a sequence that an expression builds. */
  readonly sequence: number
  /** Scalars and containers, counted as a tree, of a value that an expression touches. */
  readonly nodes: number
  /** Characters (UTF-16 code units) of a string that a function or `&` makes. */
  readonly text: number
  /** Bytes of an evaluation's result as JSON in UTF-8, not counting escapes. */
  readonly result: number
  /** Milliseconds of wall clock for one evaluation, which includes its neighbours' time; absent: none. */
  readonly timeout?: number
}

/** The limits of every policy file. `docs/expressions.md` has the same table. */
export const LIMITS: Limits = {
  source: 4096,
  nesting: 64,
  steps: 10_000,
  stack: 4000,
  sequence: 10_000,
  nodes: 100_000,
  text: 65_536,
  result: 16_384,
}
