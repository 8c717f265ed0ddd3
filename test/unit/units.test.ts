import { describe, expect, it } from 'vitest'
import { durationFromZeroSchema, durationSchema, sizeSchema } from '../../src/units.ts'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['2m', 120_000],
    ['24h', 86_400_000],
  ])('of %s is %i milliseconds', (text, milliseconds) => {
    expect(durationSchema.parse(text)).toBe(milliseconds)
    expect(durationFromZeroSchema.parse(text)).toBe(milliseconds)
  })

  it.each(['5', '5 s', '-5s', '1d', '1.5s', 's', '05s', '1234567890s', 5])(
    'is not %j',
    (written) => {
      expect(durationSchema.safeParse(written).success).toBe(false)
      expect(durationFromZeroSchema.safeParse(written).success).toBe(false)
    },
  )

  it('is at most 24 days, as timers end at once after more', () => {
    for (const schema of [durationSchema, durationFromZeroSchema]) {
      expect(schema.parse('576h')).toBe(24 * 86_400_000)
      expect(schema.safeParse('577h').error?.issues).toMatchObject([
        { message: 'expected at most 576h' },
      ])
    }
  })

  it('may be none only where that means something', () => {
    expect(durationSchema.safeParse('0s').success).toBe(false)
    expect(durationFromZeroSchema.parse('0s')).toBe(0)
  })
})

describe('a size', () => {
  it.each([
    ['64Ki', 65_536],
    ['1Mi', 1_048_576],
  ])('of %s is %i bytes', (text, bytes) => {
    expect(sizeSchema.parse(text)).toBe(bytes)
  })

  it.each(['64', '64KB', '0Ki', '1Gi', '-1Mi', 64])('is not %j', (written) => {
    expect(sizeSchema.safeParse(written).success).toBe(false)
  })
})
