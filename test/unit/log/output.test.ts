import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { createOutput } from '../../../src/log/output.ts'

/** A stream that the test plays the reader of. */
function start() {
  const recovered: number[] = []
  const lines: string[] = []
  let keepsTrying = () => true
  let now = 0
  const stream = Object.assign(new EventEmitter(), {
    write: (line: string) => void lines.push(line),
    flushSync() {
      while (keepsTrying()) now += 1
      throw Object.assign(new Error('try again'), { code: 'EAGAIN' })
    },
  })
  const output = createOutput(
    (keeps) => {
      keepsTrying = keeps
      return stream
    },
    (dropped) => void recovered.push(dropped),
    () => now,
  )
  const advance = (milliseconds: number) => {
    now += milliseconds
  }
  return { output, stream, lines, recovered, advance }
}

it('counts what is dropped, and tells it when the reader has caught up', () => {
  const { output, stream, recovered } = start()
  stream.emit('drop')
  stream.emit('drop')
  expect([output.dropped(), recovered]).toEqual([2, []])
  stream.emit('drain')
  stream.emit('drain')
  stream.emit('drop')
  expect([output.dropped(), recovered]).toEqual([3, [2]])
})

it('R24 writes nothing more once its reader is gone, and counts that as dropped', () => {
  const { output, stream, lines } = start()
  output.write('one')
  stream.emit('error', Object.assign(new Error('broken'), { code: 'EPIPE' }))
  output.write('two')
  expect([lines, output.dropped()]).toEqual([['one'], 1])
})

it('R22 tries again a second after the disk was full, and counts the lines until then', () => {
  const { output, stream, lines, recovered, advance } = start()
  stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))
  output.write('one')
  expect([lines, output.dropped()]).toEqual([[], 1])
  advance(1000)
  output.write('two')
  stream.emit('drain')
  expect([lines, output.dropped(), recovered]).toEqual([['two'], 1, [1]])
})

it('R24 does not hold the end of the process up for a reader that takes nothing', () => {
  const { stream } = start()
  expect(() => stream.flushSync()).not.toThrow()
})
