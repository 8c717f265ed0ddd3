import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startStreamingProxy } from '../support/streaming-proxy.ts'

const MEGABYTE = 1024 * 1024
const SIZE = 500 * MEGABYTE

const measurable = existsSync('/proc/self/clear_refs')
if (!measurable) process.stderr.write('skipped: memory while streaming, as there is no /proc\n')

describe.skipIf(!measurable)('a body of 500 MB', () => {
  it.each(['upload', 'download'] as const)(
    'takes a bounded part of that in memory in an %s',
    async (direction) => {
      const proxy = await startStreamingProxy()
      await proxy[direction](SIZE / 10)
      const growth = await proxy.growth(async () => {
        expect(await proxy[direction](SIZE)).toEqual({ bytes: SIZE, identical: true })
      })
      expect(growth).toBeLessThan(SIZE / 5)
    },
    60_000,
  )
})
