import { describe, expect, it } from 'vitest'
import { type BreakerOutcome, createBreaker } from '../../../src/forward/breaker.ts'
import { fixedEnvironment } from '../../support/clock.ts'

function started(openFor = 5000) {
  const { monotonic, advance } = fixedEnvironment()
  const changes: [string, number][] = []
  const onChange = (state: string, failures: number) => void changes.push([state, failures])
  const breaker = createBreaker({ failures: 3, openFor, monotonic, onChange })
  const send = (outcome: BreakerOutcome) => breaker.end(breaker.begin(), outcome)
  const open = () => {
    for (let sent = 0; sent < 3; sent += 1) send('failed')
  }
  return { breaker, changes, advance, send, open }
}

describe('createBreaker', () => {
  it('opens after so many failures in a row', () => {
    const { breaker, send, changes } = started()
    for (let sent = 0; sent < 20; sent += 1) send('ok')
    for (const outcome of ['failed', 'failed', 'ok', 'failed', 'failed'] as const) send(outcome)
    expect(breaker.admits()).toBe(true)
    send('failed')
    expect(breaker.admits()).toBe(false)
    expect(breaker.remaining()).toBe(5000)
    expect(changes).toEqual([['open', 5]])
  })

  it('opens when more than half of the last connections could not be opened, and not before', () => {
    const { send, changes } = started()
    for (let sent = 0; sent < 50; sent += 1) {
      send('ok')
      send('failed')
    }
    expect(changes).toEqual([])
    send('failed')
    expect(changes).toEqual([['open', 11]])
  })

  it('stays closed while one path of many breaks, however often it is asked for', () => {
    const { send, changes } = started()
    for (let sent = 0; sent < 50; sent += 1) {
      send('ok')
      for (let broken = 0; broken < 9; broken += 1) send('broken')
    }
    expect(changes).toEqual([])
  })

  it('opens when nearly none of the last exchanges had an answer', () => {
    const { send, changes } = started()
    for (let sent = 0; sent < 20; sent += 1) send('ok')
    for (let broken = 0; broken < 18; broken += 1) send('broken')
    expect(changes).toEqual([])
    send('broken')
    expect(changes).toEqual([['open', 19]])
  })

  it('opens at once when nothing else has been seen of an address', () => {
    const { send, changes } = started()
    for (let sent = 0; sent < 3; sent += 1) send('broken')
    expect(changes).toEqual([['open', 3]])
  })

  it('lets a request whose body is yet to come try only when no other has for as long again', () => {
    const { breaker, open, advance } = started()
    expect(breaker.admits(false)).toBe(true)
    open()
    advance(9999)
    expect([breaker.admits(), breaker.admits(false)]).toEqual([true, false])
    advance(1)
    expect(breaker.admits(false)).toBe(true)
  })

  it('lets another request try when the one that tries takes its time', () => {
    const { breaker, open, advance, send } = started()
    open()
    advance(5000)
    const slow = breaker.begin()
    advance(4999)
    expect(breaker.admits()).toBe(false)
    advance(1)
    send('ok')
    expect(breaker.state()).toBe('closed')
    breaker.end(slow, 'broken')
    expect(breaker.state()).toBe('closed')
  })

  it('takes a request that was given up neither for a failure nor for a success', () => {
    const { send, changes } = started()
    for (const outcome of ['failed', 'aborted', 'failed', 'aborted', 'failed'] as const) {
      send(outcome)
    }
    expect(changes).toEqual([['open', 3]])
  })

  it('R15 lets one request try the address when its time has passed', () => {
    const { breaker, open, advance, changes } = started()
    open()
    advance(4999)
    expect(breaker.admits()).toBe(false)
    advance(1)
    expect(breaker.admits()).toBe(true)
    expect(breaker.begin()).toBe(true)
    expect(breaker.admits()).toBe(false)
    breaker.end(true, 'ok')
    expect(breaker.admits()).toBe(true)
    expect(changes).toEqual([
      ['open', 3],
      ['halfOpen', 3],
      ['closed', 0],
    ])
  })

  it('lets the next request try when the one that tried was given up', () => {
    const { breaker, open, advance, send, changes } = started()
    open()
    advance(5000)
    send('aborted')
    expect(breaker.state()).toBe('halfOpen')
    expect(breaker.admits()).toBe(true)
    send('ok')
    expect(changes).toEqual([
      ['open', 3],
      ['halfOpen', 3],
      ['closed', 0],
    ])
    expect(breaker.state()).toBe('closed')
  })

  it.each<[number, number[]]>([
    [5000, [10_000, 20_000, 30_000, 30_000]],
    [45_000, [45_000, 45_000]],
  ])('opened for %d ms stays open longer with each trial that fails', (openFor, times) => {
    const { breaker, open, advance, send, changes } = started(openFor)
    expect(breaker.remaining()).toBe(0)
    open()
    for (const [index, time] of times.entries()) {
      advance(breaker.remaining())
      send('failed')
      expect(breaker.remaining()).toBe(time)
      expect(changes.at(-1)).toEqual(['open', 4 + index])
    }
    advance(breaker.remaining())
    send('ok')
    open()
    expect(breaker.remaining()).toBe(openFor)
  })

  it.each(['ok', 'failed'] as const)(
    'ignores that a request from before it opened went %s',
    (outcome) => {
      const { breaker, open, advance } = started()
      const early = breaker.begin()
      open()
      advance(1000)
      breaker.end(early, outcome)
      expect(breaker.state()).toBe('open')
      expect(breaker.remaining()).toBe(4000)
    },
  )

  it('may be tried at once when it is hastened', () => {
    const { breaker, open } = started()
    open()
    breaker.hasten()
    expect(breaker.remaining()).toBe(0)
    expect(breaker.admits()).toBe(true)
    expect(breaker.begin()).toBe(true)
  })
})
