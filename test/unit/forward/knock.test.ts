import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { createKnock } from '../../../src/forward/knock.ts'
import { fixedEnvironment } from '../../support/clock.ts'

type Callback = (error: Error | null, socket: Socket | null) => void

function started() {
  const { monotonic, advance } = fixedEnvironment()
  const attempts: Callback[] = []
  let reached = 0
  const knock = createKnock(
    { host: 'a', port: 1 },
    (_address, callback) => void attempts.push(callback),
    monotonic,
    () => {
      reached += 1
    },
  )
  return { knock, attempts, advance, reached: () => reached }
}

it('R12 attempts one connection at a time, and waits between two', () => {
  const { knock, attempts, advance, reached } = started()
  knock.attempt()
  advance(1000)
  knock.attempt()
  expect(attempts).toHaveLength(1)
  attempts[0]?.(new Error('refused'), null)
  advance(249)
  knock.attempt()
  expect(attempts).toHaveLength(1)
  advance(1)
  knock.attempt()
  expect(attempts).toHaveLength(2)
  expect(reached()).toBe(0)
})

it('R12 tells that a connection could be opened, and closes it', () => {
  const { knock, attempts, reached } = started()
  knock.attempt()
  const socket = new Socket()
  attempts[0]?.(null, socket)
  expect(reached()).toBe(1)
  expect(socket.destroyed).toBe(true)
})
