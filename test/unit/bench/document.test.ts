import { describe, expect, it } from 'vitest'
import { mergeTable, replaceBlock } from '../../../bench/document.ts'

const text = `# Title
<!-- bench:one -->
old
<!-- /bench:one -->
between
<!-- bench:two -->
| target | what | measured |
| -----: | ---- | -------: |
|      2 | kept | 7 |
|     10 | redone | 1 |
<!-- /bench:two -->
`

describe('a block of the document', () => {
  it('is replaced, and nothing around it', () => {
    const replaced = replaceBlock(text, 'one', 'new')
    expect(replaced).toBe(text.replace('\nold\n', '\nnew\n'))
    expect(replaceBlock(replaced, 'one', 'old')).toBe(text)
  })

  it('must be there', () => {
    expect(() => replaceBlock(text, 'three', '')).toThrow(/bench:three/)
  })
})

it('a table keeps the lines that a run did not measure, in order of their targets', () => {
  const table =
    '| target | what | measured |\n| - | - | - |\n| 10 | redone | 2 |\n| 3 | added | 5 |'
  const [, merged = ''] = mergeTable(text, 'two', table).split('<!-- bench:two -->\n')
  expect(merged.split('\n').slice(2, 5)).toEqual([
    '|      2 | kept | 7 |',
    '| 3 | added | 5 |',
    '| 10 | redone | 2 |',
  ])
})
