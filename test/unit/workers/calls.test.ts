import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CountersignError } from '../../../src/errors.ts'
import { createCalls, type Port } from '../../../src/workers/calls.ts'

interface Methods {
  double(number: number): number
  refuse(nothing: null): void
  crash(nothing: null): void
  hang(nothing: null): Promise<void>
}
const REFUSAL = new CountersignError(
  'key/unavailable',
  'expected a key',
  { policy: 'p' },
  { retryAfter: 3 },
)
const METHODS: Methods = {
  double: (number) => 2 * number,
  refuse() {
    throw REFUSAL
  },
  crash() {
    throw new Error('a secret')
  },
  hang: () => new Promise(() => {}),
}

function start() {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port1.close())
  const portOf = (end: typeof port1): Port => ({
    send: (message) => end.postMessage(message),
    onMessage: (listener) => void end.on('message', listener),
    onEnd: (listener) => void end.on('close', listener),
  })
  createCalls(portOf(port2), METHODS)
  return { call: createCalls<Methods>(portOf(port1), {}), end: () => port2.close() }
}

describe('a call of another process', () => {
  it('gives what its method gives, several at once', async () => {
    const { call } = start()
    expect(await Promise.all([call('double', 1), call('double', 2)])).toEqual([2, 4])
  })

  it('rejects with code, place and time of the error of its method', async () => {
    const { code, message, place, retryAfter } = REFUSAL
    const refused = { code, message, place, retryAfter }
    await expect(start().call('refuse', null)).rejects.toMatchObject(refused)
  })

  it('tells nothing of any other error', async () => {
    const crashed = start().call('crash', null)
    await expect(crashed).rejects.toMatchObject({ code: 'internal' })
    await expect(crashed).rejects.not.toThrow(/secret/)
  })

  it('rejects when the other process ends, and so does each later one', async () => {
    const { call, end } = start()
    const hanging = call('hang', null)
    end()
    await expect(hanging).rejects.toMatchObject({ code: 'internal' })
    await expect(call('double', 1)).rejects.toMatchObject({ code: 'internal' })
  })

  it('that comes when the other process has ended is not answered: nobody would do what is agreed', async () => {
    const asked: unknown[] = []
    let receive = (_message: unknown) => {}
    let end = () => {}
    createCalls(
      {
        send: () => {},
        onMessage(listener) {
          receive = listener
        },
        onEnd(listener) {
          end = listener
        },
      },
      { note: (what: unknown) => void asked.push(what) },
    )
    receive({ id: 0, name: 'note', argument: 'before' })
    end()
    receive({ id: 1, name: 'note', argument: 'behind' })
    expect(asked).toEqual(['before'])
  })
})
