import { readFileSync, writeFileSync } from 'node:fs'
import { MEASURED, type Measured } from '../test/support/measured.ts'

// Brings the figures that the long runs have noted into docs/reliability.md, each into the row of its goal and fault.

const PAGE = new URL('../docs/reliability.md', import.meta.url)
const noted = new Map(
  readFileSync(MEASURED, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Measured)
    .map(({ goal, fault, measured }) => [`${goal} ${fault}`, measured]),
)

const lines = readFileSync(PAGE, 'utf8')
  .split('\n')
  .map((line) => {
    const cells = line.split(' | ')
    const measured = noted.get(`${cells[0]?.slice(2)} ${cells[1]}`)
    if (cells.length !== 6 || measured === undefined) return line
    noted.delete(`${cells[0]?.slice(2)} ${cells[1]}`)
    return cells.with(4, measured).join(' | ')
  })
writeFileSync(PAGE, lines.join('\n'))
for (const row of noted.keys()) console.error(`no row for: ${row}`)
