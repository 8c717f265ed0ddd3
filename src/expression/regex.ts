import { RE2JS } from 're2js'
import type { Meter } from './meter.ts'

/** The part of RegExp that JSONata uses: `exec` from `lastIndex`, which it moves. */
export interface Matcher {
  lastIndex: number
  exec(text: string): (string[] & { index: number }) | null
}

/** Compiles a literal for RE2. Throws when it is too large, or has back-references or look-around. */
export function compileRegex(literal: RegExp): RE2JS {
  let compiled = programs.get(literal)
  if (compiled === undefined) {
    // RE2 would take it for the letters; it is the one back-reference that does compile.
    if (NAMED_REFERENCE.test(literal.source)) throw new RangeError('back-reference')
    compiled = RE2JS.compile(RE2JS.translateRegExp(literal))
    if (compiled.programSize() > MAX_PROGRAM) throw new RangeError('too large')
    programs.set(literal, compiled)
  }
  return compiled
}

/** The constructor that JSONata calls for every literal it evaluates: time linear in the text, metered. */
export function regexEngine(meter: Meter): new (literal: RegExp) => Matcher {
  return function engine(literal: RegExp): Matcher {
    const program = compileRegex(literal)
    return {
      lastIndex: 0,
      exec(text) {
        // One search may read all that is left of the text, however near the match is, and for each
        // character look at every instruction.
        meter.charge(1 + ((text.length - this.lastIndex) * program.programSize()) / LOOKS_A_STEP)
        const found = this.lastIndex <= text.length ? program.matcher(text) : undefined
        const matcher = found?.find(this.lastIndex) ? found : undefined
        if (matcher === undefined) {
          this.lastIndex = 0
          return null
        }
        this.lastIndex = matcher.end()
        const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => {
          // A group that took no part is undefined in JavaScript, and the caller relies on it.
          return (matcher.group(group) ?? undefined) as string
        })
        return Object.assign(groups, { index: matcher.start() })
      },
    }
  } as unknown as new (
    literal: RegExp,
  ) => Matcher
}

const programs = new WeakMap<RegExp, RE2JS>()
const NAMED_REFERENCE = /(?<!\\)(?:\\\\)*\\k</
const MAX_PROGRAM = 1000
const LOOKS_A_STEP = 80
