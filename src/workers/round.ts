import { setTimeout } from 'node:timers/promises'
import type { ConfigurationEvent } from '../observe.ts'
import type { Member } from './member.ts'
import type { Reading, Refused } from './methods.ts'

/** Readings while files are being changed, and the milliseconds between them. */
const TRIES = 5
const PAUSE = 200

/** Files that are changed all the time, so that no two workers read the same. */
const TORN: ConfigurationEvent['findings'] = [
  {
    severity: 'error',
    text: 'expected files that are not being changed: workers read different ones',
  },
]

/**
 * Has all members read the files, and serve what they read when all of them can, and have read the same; otherwise
 * none of them does. `beforeSwitch` is called in between. One that ends meanwhile is left out.
 */
export async function readTogether(
  members: readonly Member[],
  generation: number,
  beforeSwitch: (next: Reading) => void,
): Promise<Reading | Refused> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await setTimeout(PAUSE)
    const results = await Promise.all(members.map((member) => read(member, generation)))
    const refused = results.find((result) => result !== undefined && 'refused' in result)
    const [first, ...others] = results.filter(isReading)
    const isSame = first && others.every(({ digest }) => digest === first.digest)
    const agreed = isSame && !refused ? first : undefined
    if (agreed) beforeSwitch(agreed)
    await Promise.all(members.map((member) => settle(member, agreed)))
    if (agreed) return agreed
    if (refused) return refused
  }
  return { refused: TORN }
}

function isReading(result: Reading | Refused | undefined): result is Reading {
  return result !== undefined && 'digest' in result
}

/** Undefined when the worker has ended. */
async function read(member: Member, generation: number): Promise<Reading | Refused | undefined> {
  return await member.call('read', generation).catch(() => undefined)
}

async function settle(member: Member, agreed: Reading | undefined): Promise<void> {
  try {
    await member.call('settle', agreed !== undefined)
    if (agreed) member.reading = agreed
  } catch {
    // unless it has ended it is of an unknown generation
    member.kill()
  }
}
