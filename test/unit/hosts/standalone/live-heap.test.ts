import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { processHeap, startLiveHeap } from '../../../../src/hosts/standalone/live-heap.ts'

it('knows what is in use only from one collection of garbage to the next, for a second at most', () => {
  let collect = () => {}
  let now = 0
  let used = 30
  const heap = startLiveHeap({
    measure: () => ({ used, limit: 100 }),
    onCollected(collected) {
      collect = collected
      return () => {}
    },
    monotonic: () => now,
  })
  expect(heap.use()).toBe(0)
  collect()
  used = 90
  expect(heap.use()).toBe(0.3)
  now = 1000
  expect(heap.use()).toBe(0.3)
  now = 1001
  expect(heap.use()).toBe(0)
})

it('measures the heap of this process when V8 has collected its garbage', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  collectGarbage()
  const { used, limit } = processHeap(() => 0).measure()
  const heap = startLiveHeap(processHeap(() => 0))
  expect(heap.use()).toBe(0)
  collectGarbage()
  await expect.poll(heap.use).toBeGreaterThan(0)
  heap.stop()
  // the test itself allocates
  expect(heap.use() * limit).toBeGreaterThan(used / 2)
  expect(heap.use() * limit).toBeLessThan(used * 2)
})

it.each([
  ['', ['--max-old-space-size=96'], 96],
  ['--max_old_space_size=50', [], 50],
  ['--max-old-space-size=50', ['--inspect', '--max-old-space-size=200'], 200],
])('finds the limit that NODE_OPTIONS %o and flags %o set', (options, flags, mebibytes) => {
  const { limit } = processHeap(() => 0, options, flags).measure()
  expect(limit).toBe(mebibytes * 1024 * 1024)
})
