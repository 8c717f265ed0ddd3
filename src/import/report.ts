import { escapeControls } from '../config/index.ts'
import type { ImportedItem, ItemState } from './imported.ts'

/** What a person reads of a state. */
export const STATE_WORDS: Readonly<Record<ItemState, string>> = {
  translated: 'translated',
  notice: 'translated with notice',
  person: 'needs a person',
}

/** The items as a table: a line each, in columns. */
export function reportLines(items: readonly ImportedItem[]): string[] {
  const rows = [
    ['PLACE', 'ITEM', 'STATE', 'NOTE'],
    ...items.map(({ file, line, item, state, note = '' }) => {
      return [`${file}:${line}`, item, STATE_WORDS[state], note]
    }),
  ].map((cells) => cells.map(escapeControls))
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((cells) => width(cells[column]))))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** How many there are of each state: `7 translated, 1 translated with notice, 0 needs a person`. */
export function summaryOf(items: readonly ImportedItem[]): string {
  const count = (wanted: ItemState) => items.filter(({ state }) => state === wanted).length
  return Object.entries(STATE_WORDS)
    .map(([state, words]) => `${count(state as ItemState)} ${words}`)
    .join(', ')
}

function width(cell = ''): number {
  return cell.length
}
