import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plain, tableRows } from './rows.ts'

const ROOT = new URL('../../', import.meta.url)
const rows = tableRows('reliability.md', 'goal')
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))

it('names the run behind every figure, which says its goal', () => {
  expect(rows.length).toBeGreaterThan(30)
  for (const [goal = '', fault, , , , run] of rows) {
    const command = plain(run)
    if (command.startsWith('npm run ')) {
      expect(scripts, fault).toHaveProperty(command.slice('npm run '.length))
      continue
    }
    const source = readFileSync(new URL(command, ROOT), 'utf8')
    if (goal !== '–') expect(source, fault).toMatch(new RegExp(`['\`]${goal} `))
  }
})

it('has one row for each fault', () => {
  const faults = rows.map(([goal, fault]) => `${goal} ${fault}`)
  expect(faults).toEqual([...new Set(faults)])
})

it('names every run that notes figures', () => {
  const noting = globSync('test/long/*.test.ts', { cwd: ROOT }).filter((path) =>
    readFileSync(new URL(path, ROOT), 'utf8').includes('support/measured.ts'),
  )
  const named = new Set(rows.map(([, , , , , run]) => plain(run)))
  expect(noting.filter((path) => !named.has(path))).toEqual([])
})
