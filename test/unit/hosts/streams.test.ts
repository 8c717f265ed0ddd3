import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Decision } from '../../../src/decision.ts'
import { createStreams, type Stream, untilTooOld } from '../../../src/hosts/streams.ts'

const NOW = 1_700_000_000_000
const clocks = { now: () => NOW, monotonic: () => 5000 }

/** What is left of a stream whose request was sent on at 4000; `expiries` are in seconds from now. */
function left(maxStreamAge: number | 'expiry' | undefined, ...expiries: (number | undefined)[]) {
  const results = expiries.map((seconds) =>
    seconds === undefined ? {} : { expiresAt: NOW / 1000 + seconds },
  )
  const decision = { route: { maxStreamAge }, results } as unknown as Decision
  return untilTooOld(decision, 4000, clocks)
}

describe('untilTooOld', () => {
  it.each([
    ['nothing where the route says nothing', undefined, [1], undefined],
    ['what is left of an age', 3000, [1], 2000],
    ['no time when the age is reached', 500, [], 0],
    ['the first of several expiries', 'expiry', [60, undefined, 20], 20_000],
    ['no time after an expiry', 'expiry', [-5], 0],
    ['24 days where nothing expires', 'expiry', [undefined], 2 ** 31 - 1],
    ['24 days where no policy applied', 'expiry', [], 2 ** 31 - 1],
    ['24 days of an age beyond', 2 ** 40, [], 2 ** 31 - 1],
  ] as const)('gives %s', (_case, age, expiries, expected) => {
    expect(left(age, ...expiries)).toBe(expected)
  })
})

describe('a stream', () => {
  it.each([
    ['a WebSocket', true, ['closeWebSocket 1008']],
    ['any other', false, ['closeWebSocket 1008', 'abort stream/expired']],
  ])('that is %s ends when it is too old', async (_kind, isWebSocket, expected) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { stream, calls } = fakeStream(isWebSocket)
    createStreams(clocks).add(stream, { route: { maxStreamAge: 3000 }, results: [] }, 4000)
    vi.advanceTimersByTime(1999)
    expect(calls).toEqual([])
    vi.advanceTimersByTime(1)
    expect(calls).toEqual(expected)
  })

  it('is told of the end as long as it lasts', async () => {
    const streams = createStreams(clocks)
    const [over, events, socket] = [fakeStream(true), fakeStream(false), fakeStream(true)]
    for (const { stream } of [over, events, socket]) {
      streams.add(stream, { route: {}, results: [] }, 0)
    }
    over.end()
    await over.stream.done
    streams.end()
    expect([over.calls, events.calls, socket.calls]).toEqual([
      [],
      ['closeWebSocket 1001', 'closeEventStream'],
      ['closeWebSocket 1001'],
    ])
  })
})

function fakeStream(isWebSocket: boolean) {
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const calls: string[] = []
  const stream: Stream = {
    done,
    abort: ({ code }) => void calls.push(`abort ${code}`),
    closeWebSocket(status) {
      calls.push(`closeWebSocket ${status}`)
      return isWebSocket
    },
    closeEventStream() {
      calls.push('closeEventStream')
    },
  }
  return { stream, calls, end }
}
