import { describe, expect, it } from 'vitest'
import { nameHint } from '../../src/nearest.ts'

describe('the hint to an unknown name', () => {
  it.each([
    ['odrers', ['orders', 'crm'], 'did you mean orders? routes: orders, crm'],
    ['billing', ['orders', 'crm'], 'routes: orders, crm'],
    ['constructor', ['orders'], 'routes: orders'],
    ['orders', [], 'there are none'],
  ])('to %s, of %j, is "%s"', (name, names, hint) => {
    expect(nameHint(name, names, 'routes', 'there are none')).toBe(hint)
  })
})
