import { setTimeout as wait } from 'node:timers/promises'
import { arrivals, type RandomNumbers, randomNumbers } from './arrivals.ts'
import { createBalance } from './balance.ts'
import { createSender, type Ending } from './exchange.ts'
import { type LoadKind, type OpenLoopOptions, STANDARD_MIX } from './options.ts'
import type { FailureKind, LoadReport } from './report.ts'
import { createTally } from './tally.ts'
import { createTokenCheck } from './token-check.ts'

// A process of its own: what it takes to send does not slow what is measured. Its parent sends the options, then
// perhaps `stop`; it says when it starts, and ends with the report.
process.on('message', async (message: OpenLoopOptions | 'stop') => {
  if (message === 'stop') return stopped.abort()
  const report = await generate(message)
  // not before it is out: it may be megabytes
  process.send?.(report, () => process.exit(0))
})
// a parent that is gone wants no more load
process.on('disconnect', () => process.exit(0))

const stopped = new AbortController()

async function generate(options: OpenLoopOptions): Promise<LoadReport> {
  const { targets, rate, seconds, seed = 1, keepAlive = 32, fresh = 8 } = options
  const { requests = STANDARD_MIX, deadline = 35_000, inFlight = 5000, verify } = options
  const random = randomNumbers(seed)
  const balance = await createBalance(targets)
  const sender = createSender(keepAlive, deadline)
  const tokens = verify && createTokenCheck(verify)
  const epoch = Date.now()
  const start = performance.now()
  const tally = createTally(epoch)
  const underWay = new Set<Promise<void>>()
  process.send?.('started')

  async function exchange(due: number, index: number): Promise<void> {
    const kind = choose(requests, random)
    const isFresh = random() < fresh / rate
    const target = balance.next()
    const isSent = target !== undefined && underWay.size < inFlight
    const ending: Ending = isSent
      ? await sender.send(target, kind, index, isFresh)
      : { kind: 'unsent', detail: target ? 'too many under way' : 'no target is ready' }
    // what checking takes does not count
    const took = performance.now() - start - due
    const fault = tokens && ending.kind === undefined && (await judge(ending, kind, due))
    if (fault) tally.ended(due, took, ...fault)
    else tally.ended(due, took, ending.kind, ending.detail)
  }

  async function judge(
    { body = '' }: Ending,
    { bytes = 0, statuses }: LoadKind,
    due: number,
  ): Promise<[FailureKind, string] | undefined> {
    // what another status than 200 says is not from the upstream
    if (statuses && !body.startsWith('{"authorization"')) return undefined
    try {
      const received = JSON.parse(body) as { authorization: string; bytes: number }
      if (received.bytes !== bytes) return ['body', `${received.bytes} bytes`]
      const token = received.authorization.replace(/^Bearer /, '')
      const why = await tokens?.check(token, epoch + due)
      return why === undefined ? undefined : ['token', why]
    } catch {
      return ['body', 'not what the upstream answers']
    }
  }

  let index = 0
  for (const due of arrivals(rate, seconds, random)) {
    const early = due - (performance.now() - start)
    // timers are a millisecond exact: what is due within this one is sent now
    if (early >= 1) await wait(early, undefined, { signal: stopped.signal }).catch(() => {})
    if (stopped.signal.aborted) break
    tally.late(Math.max(0, performance.now() - start - due))
    const exchanged = exchange(due, index++).finally(() => underWay.delete(exchanged))
    underWay.add(exchanged)
  }
  await Promise.all(underWay)
  balance.close()
  sender.close()
  return { ...tally.report(), tokens: tokens?.seen() ?? [], seed }
}

function choose(kinds: readonly LoadKind[], random: RandomNumbers): LoadKind {
  let left = random() * kinds.reduce((sum, { share = 1 }) => sum + share, 0)
  for (const kind of kinds) {
    left -= kind.share ?? 1
    if (left < 0) return kind
  }
  return kinds.at(-1) ?? {}
}
