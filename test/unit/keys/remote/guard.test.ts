import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createGuard, type GuardOptions } from '../../../../src/keys/remote/guard.ts'
import { RemoteFault } from '../../../../src/keys/remote/remote-fault.ts'
import { fixedEnvironment } from '../../../support/clock.ts'
import { errorCode } from '../../../support/error-code.ts'

const TROUBLE = { message: 'expected an answer', hint: 'wait' }
const passing = () => Promise.reject(new RemoteFault('http-500', { ...TROUBLE, isTransient: true }))
const lasting = () => Promise.reject(new RemoteFault('http-400', TROUBLE))

function guarded(options: Partial<GuardOptions> = {}) {
  const clock = fixedEnvironment()
  const guard = createGuard({ timeout: 50, monotonic: clock.monotonic, ...options })
  let attempts = 0
  return {
    clock,
    attempts: () => attempts,
    run: <T>(attempt: (signal: AbortSignal) => Promise<T>) =>
      guard.run((signal) => {
        attempts += 1
        return attempt(signal)
      }),
  }
}

/** A guard that has met five failures in a row. */
async function opened(options: Partial<GuardOptions> = {}) {
  const guard = guarded(options)
  for (let runs = 0; runs < 3; runs += 1) await errorCode(() => guard.run(passing))
  expect(guard.attempts()).toBe(5)
  return guard
}

describe('a guard', () => {
  it('gives what the attempt gives', async () => {
    expect(await guarded().run(async () => 'signature')).toBe('signature')
  })

  it.each([
    ['what may pass, twice', passing, 'http-500', 2],
    ['what stays, once', lasting, 'http-400', 1],
    ['an attempt without an end, twice', () => new Promise(() => {}), 'timeout', 2],
  ])('tries %s', async (_, attempt, code, attempts) => {
    const guard = guarded()
    expect(await errorCode(() => guard.run(attempt))).toBe(code)
    expect(guard.attempts()).toBe(attempts)
  })

  it('tells an attempt that its time is over', async () => {
    const signals: AbortSignal[] = []
    await errorCode(() =>
      guarded().run((signal) => {
        signals.push(signal)
        return new Promise(() => {})
      }),
    )
    // the end of the wait may come a moment before that of the second attempt
    await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]))
  })

  it('asks nothing after five failures in a row, until its time is over', async () => {
    const { clock, run, attempts } = await opened()
    clock.advance(4999)
    expect(await errorCode(() => run(async () => 'signature'))).toBe('breaker-open')
    expect(attempts()).toBe(5)
    clock.advance(1)
    expect(await run(async () => 'signature')).toBe('signature')
    expect(await run(async () => 'signature')).toBe('signature')
  })

  it('asks nothing again when the probe fails', async () => {
    const { clock, run, attempts } = await opened({ openFor: 100 })
    clock.advance(100)
    expect(await errorCode(() => run(passing))).toBe('http-500')
    expect(attempts()).toBe(6)
    clock.advance(99)
    expect(await errorCode(() => run(async () => 'signature'))).toBe('breaker-open')
    clock.advance(1)
    expect(await run(async () => 'signature')).toBe('signature')
  })

  it('makes one attempt of many while it probes', async () => {
    const { clock, run, attempts } = await opened({ openFor: 100 })
    clock.advance(100)
    const codes = await Promise.all(Array.from({ length: 20 }, () => errorCode(() => run(passing))))
    expect(codes).toEqual(['http-500', ...Array(19).fill('breaker-open')])
    expect(attempts()).toBe(6)
  })

  it('tells what each attempt of a burst met, though five of them were enough to ask no more', async () => {
    const { run, attempts } = guarded()
    const stuck = () => run(() => new Promise(() => {}))
    const codes = await Promise.all(Array.from({ length: 20 }, () => errorCode(stuck)))
    expect(codes).toEqual(Array(20).fill('timeout'))
    expect(attempts()).toBe(20)
    expect(await errorCode(stuck)).toBe('breaker-open')
  })

  it.each([-3_600_000, 3_600_000])(
    'does not mind a wall clock that is set by %i ms',
    async (by) => {
      const { clock, run } = await opened()
      const now = Date.now
      Date.now = () => now() + by
      try {
        clock.advance(4999)
        expect(await errorCode(() => run(async () => 'signature'))).toBe('breaker-open')
        clock.advance(1)
        expect(await run(async () => 'signature')).toBe('signature')
      } finally {
        Date.now = now
      }
    },
  )

  it('counts no failure that the signer is not to blame for', async () => {
    const { run } = guarded()
    for (let runs = 0; runs < 10; runs += 1) await errorCode(() => run(lasting))
    expect(await run(async () => 'signature')).toBe('signature')
  })

  it('lets a bound number run and wait, and refuses the rest at once', async () => {
    const { run, attempts } = guarded({ timeout: 5000, concurrent: 2, queued: 3 })
    const end = Promise.withResolvers<string>()
    const runs = Array.from({ length: 5 }, () => run(() => end.promise))
    expect(await errorCode(() => run(() => end.promise))).toBe('queue-full')
    expect(attempts()).toBe(2)
    end.resolve('signature')
    expect(await Promise.all(runs)).toEqual(Array(5).fill('signature'))
  })

  it('ends the wait for a turn, and does not run what nobody waits for any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { run, attempts } = guarded({ concurrent: 1 })
    const stuck = () => run(() => new Promise(() => {}))
    const codes = Promise.all(Array.from({ length: 20 }, () => errorCode(stuck)))
    await vi.runAllTimersAsync()
    expect(new Set(await codes)).toEqual(new Set(['timeout']))
    // two of the first, and two of the one whose turn came before it gave up waiting
    expect(attempts()).toBe(4)
  })

  it('passes on what is no fault of a signer', async () => {
    const { run, attempts } = guarded()
    await expect(run(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow(TypeError)
    expect(attempts()).toBe(1)
  })
})
