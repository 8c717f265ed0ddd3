import { monitorEventLoopDelay } from 'node:perf_hooks'

// Imported before a program that was started with --expose-gc and an IPC channel, answers what is asked of it there:
// `memory` (bytes that live after a collection), `watch` (pauses count from now), `pause` (longest one since, in ms).
const { gc } = globalThis as { gc?: () => void }
const delay = monitorEventLoopDelay({ resolution: 1 })

process.on('message', (question) => {
  process.send?.(answer(question))
})
process.channel?.unref()

function answer(question: unknown): number {
  switch (question) {
    case 'memory': {
      gc?.()
      gc?.()
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    case 'watch':
      delay.enable()
      delay.reset()
      return 0
    default:
      delay.disable()
      return delay.max / 1e6
  }
}
