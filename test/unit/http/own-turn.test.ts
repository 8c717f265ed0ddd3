import { expect, it } from 'vitest'
import { ownTurn } from '../../../src/http/own-turn.ts'
import { countTurns } from '../../support/turns.ts'

const LARGE = 65_537

it('lets work on a small body begin at once', () => {
  expect(ownTurn(LARGE - 1)).toBeUndefined()
})

it('gives each large body a turn of the event loop of its own, in the order of asking', async () => {
  const turn = countTurns()
  const begun: [number, number][] = []
  const begin = async (index: number) => {
    await ownTurn(LARGE)
    begun.push([index, turn()])
  }
  await Promise.all([0, 1, 2].map(begin))
  expect(begun.map(([index]) => index)).toEqual([0, 1, 2])
  expect(new Set(begun.map(([, at]) => at)).size).toBe(3)
})
