import { describe, expect, it } from 'vitest'
import type { Member } from '../../../src/workers/member.ts'
import type { Reading, Refused } from '../../../src/workers/methods.ts'
import { readTogether } from '../../../src/workers/round.ts'

const reading = (digest: string): Reading => ({
  digest,
  publicKeys: [],
  jwks: { overlap: 0, maxAge: 0 },
  shutdown: { drainDelay: 0, grace: 0 },
  policies: 1,
  disabled: 0,
  findings: [],
})
const REFUSED: Refused = { refused: [{ severity: 'error', text: 'a.yaml:1:1: error[x] y' }] }

/** A member that gives these outcomes one after the other, `undefined`: it ends; and what it was told. */
function member(...outcomes: (Reading | Refused | undefined)[]) {
  const told: boolean[] = []
  let killed = false
  const self: Member & { told: boolean[]; wasKilled(): boolean } = {
    told,
    wasKilled: () => killed,
    number: 1,
    isServing: true,
    serves: () => {},
    hasSettled: () => true,
    ended: new Promise(() => {}),
    kill: () => {
      killed = true
    },
    async call(name: string, argument: unknown) {
      if (name === 'settle') {
        if (killed) throw new Error('ended')
        told.push(argument as boolean)
        return undefined as never
      }
      const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0]
      if (outcome) return outcome as never
      killed = true
      throw new Error('ended')
    },
  }
  return self
}

describe('workers that read together', () => {
  it('serve what they read once the keys of it are published', async () => {
    const [one, two] = [member(reading('a')), member(reading('a'))]
    const published: unknown[] = []
    const outcome = await readTogether([one, two], 2, (next) =>
      published.push([next, [...one.told]]),
    )
    expect(outcome).toEqual(reading('a'))
    expect(published).toEqual([[reading('a'), []]])
    expect([one.told, two.told]).toEqual([[true], [true]])
    expect([one.reading, two.reading]).toEqual([reading('a'), reading('a')])
  })

  it('all go on with what serves when one of them refuses', async () => {
    const [one, two] = [member(reading('a')), member(REFUSED)]
    expect(await readTogether([one, two], 2, () => expect.unreachable())).toEqual(REFUSED)
    expect([one.told, two.told]).toEqual([[false], [false]])
  })

  it('read again when they have read different files', async () => {
    const [one, two] = [member(reading('a'), reading('b')), member(reading('b'))]
    expect(await readTogether([one, two], 2, () => {})).toEqual(reading('b'))
    expect([one.told, two.told]).toEqual([
      [false, true],
      [false, true],
    ])
  })

  it('give up when they never read the same', async () => {
    const [one, two] = [member(reading('a')), member(reading('b'))]
    const outcome = await readTogether([one, two], 2, () => expect.unreachable())
    expect(outcome).toMatchObject({ refused: [{ severity: 'error' }] })
    expect(one.told).toEqual([false, false, false, false, false])
  })

  it('leave out one that ends meanwhile', async () => {
    const [one, two] = [member(reading('a')), member(undefined)]
    expect(await readTogether([one, two], 2, () => {})).toEqual(reading('a'))
    expect(one.told).toEqual([true])
    expect(two.reading).toBeUndefined()
  })
})
