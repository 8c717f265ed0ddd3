import { setTimeout } from 'node:timers/promises'
import type { WorkerCheck } from '../admin/index.ts'
import type { Environment } from '../environment.ts'
import type { MetricSnapshot } from '../metrics.ts'
import type { Observer } from '../observe.ts'
import { createCounts } from './counts.ts'
import { type Member, startMember } from './member.ts'
import type { FirstReading } from './methods.ts'
import { restartDelay } from './restart-delay.ts'
import { readTogether } from './round.ts'
import { createServing, type Serving } from './serving.ts'
import { createSharedTokens } from './shared-tokens.ts'
import { StartFault } from './start-fault.ts'

/** How many workers there are, and who hears of them. */
export interface CrewOptions {
  readonly workers: number
  /** Reload when a file changes. */
  readonly watch: boolean
  readonly environment: Environment
  readonly observe: Observer
  /** Environment variables of the workers, beside those of this process. */
  readonly env: Readonly<Record<string, string>>
}

/** The workers, as one proxy. */
export interface Crew {
  /** Starts them; rejects with `StartFault` when one of them cannot start. They listen nowhere yet. */
  open(): Promise<FirstReading>
  /** Has them listen: the URL. */
  serve(): Promise<URL>
  /** Reads the files again in all of them; false when one refused them, and all go on with what served. */
  reload(): Promise<boolean>
  serving(): Serving
  /** True while requests are served. */
  isReady(): boolean
  checks(): readonly WorkerCheck[]
  /** Any that serves. */
  anyone(): Member | undefined
  /** The metrics of all, and those of this process. */
  metrics(own: MetricSnapshot): Promise<string>
  /** As `OpenProxy.close`, in all of them; then they are gone. */
  close(how: { readonly drain: boolean }): Promise<void>
  /** Settles, with the reason, when none serves any more and none can be started. */
  readonly lost: Promise<string>
}

/** Milliseconds for a worker to go after it was told to, beyond what it may take. */
const LAST = 2000

/** Creates it without any worker. */
export function createCrew({ workers, watch, environment, observe, env }: CrewOptions): Crew {
  const members = new Map<number, Member>()
  const counts = createCounts()
  const tokens = createSharedTokens<Member>(() => environment.now())
  const lost = Promise.withResolvers<string>()
  /** Failures in a row, by number. */
  const failures = new Map<number, number>()
  let serving: Serving
  let watcher: Member | undefined
  let readings = 1
  let isOpen = false
  let isClosing = false
  let last: Promise<unknown> = Promise.resolve()

  process.once('exit', () => {
    for (const { kill } of members.values()) kill()
  })

  /** One after the other, so that no two readings meet in a worker. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act)
    last = turn.catch(() => {})
    return turn
  }

  function start(number: number): Member {
    const member = startMember(number, env, (asker) => ({
      changed: reload,
      ...tokens.methods(asker),
    }))
    members.set(number, member)
    void member.ended.then((how) => ended(member, how))
    return member
  }

  function ended(member: Member, how: number | string): void {
    const { number } = member
    members.delete(number)
    counts.left(member)
    tokens.left(member)
    if (!isOpen || isClosing) return
    if (watcher === member) appointWatcher()
    if (member.hasSettled()) failures.delete(number)
    startLater(number, how, member.isServing)
  }

  function startLater(number: number, how: number | string, hasServed = false): void {
    if (!hasServed && !anyone()) lost.resolve(`worker ${number} ended with ${how}`)
    const failed = (failures.get(number) ?? 0) + 1
    failures.set(number, failed)
    const restartIn = restartDelay(failed, environment)
    observe({ type: 'worker', worker: number, ended: how, restartIn })
    void setTimeout(restartIn, undefined, { ref: false }).then(() => inTurn(() => join(number)))
  }

  /** Starts a worker beside those that serve. It serves only what they do. */
  async function join(number: number): Promise<void> {
    if (isClosing) return
    const member = startIfRoom(number)
    if (!member) return
    try {
      const reading = await open(member, serving.generation)
      if (reading.digest !== serving.reading.digest) await readOnce()
      if (member.reading?.digest !== serving.reading.digest) throw new StartFault('refused')
      await listen(member)
      if (!watcher) appointWatcher()
    } catch {
      member.kill()
      await member.ended
    }
  }

  function startIfRoom(number: number): Member | undefined {
    try {
      return start(number)
    } catch (error) {
      startLater(number, (error as NodeJS.ErrnoException).code ?? 'error')
      return undefined
    }
  }

  async function open(member: Member, generation: number): Promise<FirstReading> {
    const first = await member.call('open', generation)
    if ('unopened' in first) throw new StartFault('refused', first.unopened)
    member.reading = first
    return first
  }

  async function listen(member: Member): Promise<URL> {
    const bound = await member.call('serve', null)
    if ('refused' in bound) throw new StartFault(bound.refused)
    member.serves()
    return new URL(bound.url)
  }

  function appointWatcher(): void {
    watcher = watch ? anyone() : undefined
    // its end has another one appointed
    watcher?.call('watch', null).catch(() => {})
  }

  function reload(): Promise<boolean> {
    return inTurn(readOnce)
  }

  async function readOnce(): Promise<boolean> {
    if (isClosing) return false
    readings += 1
    const outcome = await readTogether([...members.values()], readings, serving.begin)
    serving.tell(readings, outcome)
    tokens.keep(serving.generation)
    return 'digest' in outcome
  }

  function anyone(): Member | undefined {
    return [...members.values()].find(({ isServing }) => isServing)
  }

  return {
    lost: lost.promise,
    serving: () => serving,
    reload,
    anyone,
    isReady: () => isOpen && !isClosing && anyone() !== undefined,
    metrics: (own) => counts.text([...members.values()], own),
    async open() {
      const numbers = Array.from({ length: workers }, (_, index) => index + 1)
      const all = numbers.map(start)
      const readings = await Promise.all(all.map((member) => openFirst(member)))
      const [first] = readings as [FirstReading]
      serving = createServing(first, environment, observe)
      if (readings.some(({ digest }) => digest !== first.digest) && !(await readOnce())) {
        throw new StartFault('expected files that are not being changed')
      }
      return first
    },
    async serve() {
      const [first, ...others] = [...members.values()] as [Member, ...Member[]]
      // what keeps all from listening is said once
      const url = await listen(first)
      await Promise.all(others.map(listen))
      isOpen = true
      appointWatcher()
      return url
    },
    checks: () =>
      Array.from({ length: workers }, (_, index) => {
        const ok = members.get(index + 1)?.isServing ?? false
        return { worker: index + 1, ok, reason: ok ? 'it serves' : 'it has ended and starts again' }
      }),
    async close(how) {
      isClosing = true
      const { drainDelay, grace } = serving?.reading.shutdown ?? { drainDelay: 0, grace: 0 }
      const late = setTimeout((how.drain ? drainDelay : 0) + grace + LAST, undefined, {
        ref: false,
      })
      const leaving = [...members.values()].map((member) => leave(member, how))
      await Promise.race([Promise.all(leaving), late])
      for (const { kill } of members.values()) kill()
      await Promise.all([...members.values()].map(({ ended }) => ended))
    },
  }

  async function openFirst(member: Member): Promise<FirstReading> {
    const early = member.ended.then((how) => {
      throw new StartFault(`a worker ended before it served: ${how}`)
    })
    return await Promise.race([open(member, 1), early])
  }

  async function leave({ call, ended }: Member, how: { readonly drain: boolean }): Promise<void> {
    await call('close', how).catch(() => {})
    call('exit', null).catch(() => {})
    await ended
  }
}
