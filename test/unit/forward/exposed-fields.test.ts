import { describe, expect, it } from 'vitest'
import { exposeFields, givesWay } from '../../../src/forward/exposed-fields.ts'
import { Secret } from '../../../src/secret.ts'

const exposure = (header: string, value: string) => ({ header, value: new Secret(value) })
const exposed = [exposure('x-token', 'OURS'), exposure('x-other', 'OURS')]

describe('givesWay', () => {
  it.each([
    'x_token',
    'x_other',
    'cache_control',
    'cdn_cache_control',
    'surrogate_control',
    'edge_control',
    'x_accel_expires',
    'expires',
    'pragma',
  ])('is true for %s where a credential is exposed, and only there', (folded) => {
    expect(givesWay(folded, exposed)).toBe(true)
    expect(givesWay(folded, [])).toBe(false)
  })

  it.each(['x_another', 'cache_controls', 'my_pragma', 'x_expires', 'pragmatic', '_cache_control'])(
    'is false for %s',
    (folded) => {
      expect(givesWay(folded, exposed)).toBe(false)
    },
  )
})

describe('exposeFields', () => {
  it('gives the same list when nothing is exposed', () => {
    const fields = ['Expires', '0']
    expect(exposeFields(fields, [])).toBe(fields)
  })

  it('T065 puts a credential in place of every alias of its field, not to be stored', () => {
    const fields = ['X_Token', 'C', 'X-A', '1', 'CDN-Cache-Control', 'public', 'x-token', 'D']
    expect(exposeFields(fields, exposed.slice(0, 1))).toEqual([
      ...['X-A', '1'],
      ...['cache-control', 'no-store', 'x-token', 'OURS'],
    ])
  })

  it('exposes the later of two for one field', () => {
    const two = [exposure('x-token', 'A'), exposure('x-other', 'B'), exposure('x_token', 'C')]
    expect(exposeFields([], two)).toEqual([
      ...['cache-control', 'no-store'],
      ...['x_token', 'C', 'x-other', 'B'],
    ])
  })
})
