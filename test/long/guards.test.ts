import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GUARDS } from '../support/guards.ts'
import { copySource, type SourceCopy } from '../support/source-copy.ts'

let copy: SourceCopy
beforeAll(async () => {
  copy = await copySource()
})
afterAll(() => copy.remove())

describe('R30 the tests', () => {
  it('pass on an unchanged copy', { timeout: 100_000 }, async () => {
    const files = new Set(Object.values(GUARDS).map(({ tests }) => `${tests}.test.ts`))
    const { total, failed } = await copy.run([...files])
    expect(failed).toEqual([])
    expect(total).toBeGreaterThan(500)
  })

  it.each(Object.entries(GUARDS))('turn red without %s', async (_what, guard) => {
    const { file, text, replacement, tests } = guard
    const restore = copy.change(file, text, replacement)
    const { failed } = await copy.run([`${tests}.test.ts`])
    restore()
    expect(failed.length).toBeGreaterThan(0)
  })
})
