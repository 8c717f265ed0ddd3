import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { translateDataWeave, translateFlexValue } from '../../../../src/expression/index.ts'
import { refusal } from './refusal.ts'

const page = readFileSync(new URL('../../../../docs/dataweave.md', import.meta.url), 'utf8')

/** The cells of the table under a heading, without the backticks around code. */
function rows(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| `'))
  return lines.map((line) => {
    const cells = line.slice(2, -2).split(' | ')
    return cells.map(
      (cell) => /^(?:`` (.*) ``|`([^`]*)`)$/.exec(cell)?.slice(1).find(Boolean) ?? cell,
    )
  })
}

describe('docs/dataweave.md', () => {
  it.each(rows('How it is translated'))('shows what %s becomes', (text, jsonata) => {
    expect(translateDataWeave(text as string).jsonata).toBe(jsonata)
  })

  it.each(rows('What is refused'))('shows where %s is refused', (text, offset) => {
    expect(refusal(text as string).offset).toBe(Number(offset))
  })

  it.each(rows('What a field value is'))('says whether %s is an expression', (value, is) => {
    const { kind, notices } = translateFlexValue(value as string)
    expect(is).toMatch(kind === 'literal' ? /^literal/ : /^an expression/)
    expect(notices.length > 0).toBe(is?.includes('notice'))
  })

  it('has rows in every table', () => {
    const counts = ['How it is translated', 'What is refused', 'What a field value is'].map(
      (heading) => rows(heading).length,
    )
    expect(Math.min(...counts)).toBeGreaterThan(3)
  })
})
