/** Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. Throws when these are not there. */
export function replaceBlock(text: string, name: string, block: string): string {
  const { start, end } = findBlock(text, name)
  return `${text.slice(0, start)}\n${block}\n${text.slice(end)}`
}

/**
 * Brings lines of a table that stands in a block up to date, those whose first two cells are the same; the other lines
 * stay, so that a run of one scenario leaves the figures of the others.
 */
export function mergeTable(text: string, name: string, table: string): string {
  const { start, end } = findBlock(text, name)
  const before = rowsOf(text.slice(start, end))
  const [head = '', rule = '', ...rows] = table.split('\n')
  const merged = new Map([...before.slice(2), ...rows].map((row) => [cellsOf(row), row]))
  const sorted = [...merged.values()].sort(
    (a, b) => Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10),
  )
  return replaceBlock(text, name, [head, rule, ...sorted].join('\n'))
}

function findBlock(text: string, name: string): { readonly start: number; readonly end: number } {
  const opening = `<!-- bench:${name} -->`
  const start = text.indexOf(opening) + opening.length
  const end = text.indexOf(`<!-- /bench:${name} -->`)
  if (start < opening.length || end < start) {
    throw new Error(`expected a block bench:${name} in the document`)
  }
  return { start, end }
}

function rowsOf(block: string): string[] {
  return block.split('\n').filter((line) => line.startsWith('|'))
}

function cellsOf(row: string): string {
  const [, target = '', what = ''] = row.split('|')
  return `${target.trim()} ${what.trim()}`
}
