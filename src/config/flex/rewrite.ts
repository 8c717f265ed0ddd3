/** What the capture groups of a route's `path` make of the path of a request. */
export type Rewrite =
  /** The path without the literal text before the one group; nothing is taken away when that is empty. */
  | { readonly kind: 'strip'; readonly prefix: string; readonly hasDot: boolean }
  /** Something that leaving out a prefix cannot do. */
  | { readonly kind: 'other'; readonly offset: number; readonly length: number }

/**
 * Reads the rewriting out of a `path`: the «Declarative Configuration Reference Guide» has the captured substrings,
 * joined, in place of the path. A route of ours leaves out a literal prefix, so one group at the end that begins with
 * a slash is expressible. Undefined when there is no group, which leaves the path as it is.
 */
export function rewriteOf(pattern: string): Rewrite | undefined {
  const [group, second] = captureGroups(pattern)
  if (!group) return undefined
  const other = { kind: 'other', offset: group.from, length: group.to - group.from } as const
  if (second || !/^\??\$?$/.test(pattern.slice(group.to))) return other
  const before = pattern.slice(0, group.from).replace(/^\^/, '')
  if (before === '') return { kind: 'strip', prefix: '', hasDot: false }
  const isLiteral = /^(?:\/(?:[\w~%.-]|\\[^A-Za-z0-9])+)+$/.test(before)
  if (!isLiteral || !group.alternatives.every((text) => text.startsWith('/'))) return other
  const hasDot = /(?:^|[^\\])\./.test(before)
  return { kind: 'strip', prefix: before.replace(/\\(.)/g, '$1'), hasDot }
}

interface Group {
  readonly from: number
  /** Behind its closing parenthesis. */
  readonly to: number
  readonly alternatives: readonly string[]
}

/** The capture groups of an RE2 regular expression, by where they begin; one that is not closed is left out. */
function captureGroups(pattern: string): Group[] {
  const groups: Group[] = []
  const open: { from: number; captures: boolean; bars: number[] }[] = []
  // escapes, classes (a bracket that comes first is a member), parentheses with what follows `?`, and bars
  const token = /\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\((?:\?(?:P?<\w+>|[^)<:]*:?))?|\)|\|/gs
  for (const { 0: text, index } of pattern.matchAll(token)) {
    if (text.startsWith('(')) {
      open.push({ from: index, captures: !text.startsWith('(?') || text.endsWith('>'), bars: [] })
    } else if (text === '|') open.at(-1)?.bars.push(index)
    else if (text === ')') {
      const group = open.pop()
      if (!group?.captures) continue
      const edges = [group.from, ...group.bars, index]
      const alternatives = edges.slice(1).map((to, at) => pattern.slice((edges[at] ?? 0) + 1, to))
      groups.push({ from: group.from, to: index + 1, alternatives })
    }
  }
  return groups.sort((a, b) => a.from - b.from)
}
