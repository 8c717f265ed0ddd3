import { readFileSync } from 'node:fs'

/** The rows of every table in a page whose header row begins with `first`, as texts of their cells. */
export function tableRows(page: string, first: string): string[][] {
  const lines = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8').split('\n')
  const rows: string[][] = []
  let inside = false
  for (const line of lines) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim())
      : undefined
    if (!cells) inside = false
    else if (cells[0] === first) inside = true
    else if (inside && !/^-+$/.test(cells[0] ?? '')) rows.push(cells)
  }
  return rows
}

/** The text of a cell without its code marks. */
export function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '')
}
