import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startStreamingProxy } from '../support/streaming-proxy.ts'

const MEGABYTE = 1024 * 1024
const SIZE = 50 * MEGABYTE

const measurable = existsSync('/proc/self/clear_refs')
if (!measurable) process.stderr.write('skipped: memory while streaming, as there is no /proc\n')

describe.skipIf(!measurable)('a body of 50 MB', () => {
  it.each(['upload', 'download'] as const)(
    'arrives as it was sent in an %s, and takes less than 40 MB of memory',
    async (direction) => {
      const proxy = await startStreamingProxy()
      const growth = await proxy.growth(async () => {
        expect(await proxy[direction](SIZE)).toEqual({ bytes: SIZE, identical: true })
      })
      expect(growth).toBeLessThan(40 * MEGABYTE)
    },
  )
})
