import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startAnswerClock } from '../../../src/forward/answer-clock.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function started(limits = {}) {
  const expired: string[] = []
  const state = { isSending: false, isPaused: false, taken: undefined as number | undefined }
  const clock = startAnswerClock(
    { connect: 20, headers: 100, body: 50, ...limits },
    {
      isSending: () => state.isSending,
      taken: () => state.taken,
      isPaused: () => state.isPaused,
      expire: ({ code, message }, outcome) => expired.push(`${outcome} ${code}: ${message}`),
    },
  )
  return {
    clock,
    expired,
    state,
    pass: (milliseconds: number) => vi.advanceTimersByTime(milliseconds),
  }
}

const HEAD = 'failed upstream/timeout: expected a response head within 100 ms'
const BODY = 'failed upstream/timeout: expected more of the answer within 50 ms'

describe('the clock of an exchange', () => {
  it('waits for the request to begin as long as a connection and a head may take', () => {
    const { clock, expired, state, pass } = started()
    // nobody takes the body yet
    state.isSending = true
    clock.leased()
    pass(60)
    clock.leased()
    pass(119)
    expect(expired).toEqual([])
    pass(1)
    expect(expired).toEqual([
      'failed upstream/timeout: expected to begin the request within 120 ms',
    ])
  })

  it('waits for a body as long as the upstream takes some of it', () => {
    const { clock, expired, state, pass } = started()
    state.isSending = true
    clock.sent()
    // the client has yet to send
    pass(300)
    state.taken = 1
    pass(100)
    state.taken = 2
    pass(100)
    expect(expired).toEqual([])
    pass(100)
    expect(expired).toEqual([HEAD])
  })

  it('waits for the head alone once the request has begun', () => {
    const { clock, expired, pass } = started()
    clock.leased()
    pass(119)
    clock.sent()
    pass(99)
    expect(expired).toEqual([])
    pass(1)
    expect(expired).toEqual([HEAD])
  })

  it('waits for the head from when the request was sent', () => {
    const { clock, expired, pass } = started()
    pass(1000)
    clock.sent()
    pass(99)
    expect(expired).toEqual([])
    pass(1)
    expect(expired).toEqual([HEAD])
  })

  it('waits for the head anew once the client has sent all of its body, and not before', () => {
    const { clock, expired, state, pass } = started()
    state.isSending = true
    clock.sent()
    pass(1000)
    expect(expired).toEqual([])
    state.isSending = false
    clock.sent()
    pass(50)
    clock.sent()
    pass(99)
    expect(expired).toEqual([])
    pass(1)
    expect(expired).toEqual([HEAD])
  })

  it('waits for no head that has come, although the client still sends', () => {
    const { clock, expired, pass } = started()
    clock.sent()
    pass(99)
    clock.headArrived()
    pass(1000)
    clock.sent()
    pass(1000)
    expect(expired).toEqual([])
  })

  it('waits for each part of the body, and while the client does not read', () => {
    const { clock, expired, state, pass } = started()
    clock.headArrived()
    clock.awaitBody()
    pass(49)
    clock.moved()
    pass(49)
    expect(expired).toEqual([])
    state.isPaused = true
    pass(1000)
    state.isPaused = false
    clock.moved()
    pass(49)
    expect(expired).toEqual([])
    pass(1)
    expect(expired).toEqual([BODY])
  })

  it('waits for the body when it is told to, though some of it came before', () => {
    const { clock, expired, pass } = started()
    clock.headArrived()
    clock.moved()
    pass(1000)
    clock.awaitBody()
    pass(50)
    expect(expired).toEqual([BODY])
  })

  it.each([
    ['failed', 'before the head', false, false],
    ['aborted', 'while the client sends', true, false],
    ['aborted', 'after the head', false, true],
  ])('ends the whole exchange as %s %s', (outcome, _when, isSending, hasHead) => {
    const { clock, expired, state, pass } = started({ request: 80 })
    state.isSending = isSending
    if (hasHead) clock.headArrived()
    pass(80)
    expect(expired).toEqual([
      `${outcome} upstream/timeout: expected the end of the exchange within 80 ms`,
    ])
  })

  it('leaves an exchange alone that has ended', () => {
    const { clock, expired, pass } = started({ request: 80 })
    clock.sent()
    clock.awaitBody()
    clock.stop()
    pass(1000)
    expect(expired).toEqual([])
  })
})
