import { type MetricSnapshot, mergedText, totalsOf } from '../metrics.ts'
import type { Member } from './member.ts'

/** What all processes counted, those that have ended included. */
export interface Counts {
  /** The metrics as one text; of a worker that does not answer in time, what it told last. */
  text(members: readonly Member[], own: MetricSnapshot): Promise<string>
  /** Keeps the totals of one that has ended, as far as it has told them: no counter goes down. */
  left(member: Member): void
}

/** Milliseconds that a worker has to tell what it counted. */
const PATIENCE = 2000

/** Nothing is counted yet. */
export function createCounts(): Counts {
  const last = new Map<Member, MetricSnapshot>()
  let gone: Promise<MetricSnapshot> = Promise.resolve([])

  async function ask(member: Member): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, PATIENCE)
    const told = member.call('metrics', null).then((snapshot) => void last.set(member, snapshot))
    await Promise.race([late, told.catch(() => {})])
    clearTimeout(timer)
  }
  return {
    async text(members, own) {
      await Promise.all(members.map(ask))
      const told = [...last.values()]
      return await mergedText([own, ...told, await gone])
    },
    left(member) {
      const snapshot = last.get(member)
      last.delete(member)
      if (snapshot) gone = gone.then((before) => totalsOf([before, snapshot]))
    },
  }
}
