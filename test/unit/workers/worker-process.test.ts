import { describe, expect, it } from 'vitest'
import { type Machine, workerProcess } from '../../../src/workers/worker-process.ts'

const GIBIBYTE = 1024 ** 3
const MACHINE: Machine = {
  cores: 8,
  memory: 16 * GIBIBYTE,
  heapLimit: 4 * GIBIBYTE,
  flags: '',
  threads: undefined,
}

describe('the threads of a worker', () => {
  it.each([
    [2, undefined, '4'],
    [8, undefined, '1'],
    [16, undefined, '1'],
    [3, '8', '2'],
  ])(
    'are with %i workers and UV_THREADPOOL_SIZE=%s its part of the cores: %s',
    (workers, threads, size) => {
      expect(workerProcess(workers, { ...MACHINE, threads }).env).toEqual({
        UV_THREADPOOL_SIZE: size,
      })
    },
  )

  it('are as many as somebody said', () => {
    expect(workerProcess(2, { ...MACHINE, threads: '6' }).env).toEqual({})
  })
})

describe('the heap of a worker', () => {
  it('is what V8 allows while all of them fit into memory', () => {
    expect(workerProcess(2, MACHINE).flags).toEqual([])
  })

  it('is its part of three quarters of memory otherwise', () => {
    expect(workerProcess(6, MACHINE).flags).toEqual(['--max-old-space-size=2048'])
  })

  it.each(['--max-old-space-size=100', '--max_old_space_size=100', '--max-heap-size=100'])(
    'is what %s says',
    (flags) => {
      expect(workerProcess(6, { ...MACHINE, flags }).flags).toEqual([])
    },
  )
})
