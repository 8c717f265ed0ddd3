import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { GUARDS } from '../support/guards.ts'

describe('what the long runs take out of the source', () => {
  it.each(Object.entries(GUARDS))('is still there: %s', (_what, { file, text, replacement }) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(source.split(text)).toHaveLength(2)
    expect(replacement).not.toBe(text)
  })
})
