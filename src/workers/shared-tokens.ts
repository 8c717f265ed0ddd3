import type { CountersignError } from '../errors.ts'
import { errorOf } from './fault.ts'
import type { PrimaryMethods, TokenKey } from './methods.ts'

/** The tokens of which the workers may only make one at a time. */
export interface SharedTokens<Worker> {
  /** What `worker` may ask of them. */
  methods(worker: Worker): Pick<PrimaryMethods, 'token' | 'made' | 'failed'>
  /** It has ended: what it was making another makes. */
  left(worker: Worker): void
  /** Forgets the tokens of other generations than this. */
  keep(generation: number): void
}

interface Kept {
  readonly key: TokenKey
  readonly token: unknown
}

interface Flight<Worker> {
  maker: Worker
  waiting: { readonly worker: Worker; readonly answer: Answer }[]
}

type Answer = PromiseWithResolvers<{ readonly token?: unknown }>

/** Most tokens kept; past it the oldest goes. */
const MOST = 10_000

/** Keeps none yet. Each key has one maker at a time, whose token or error the others get. */
export function createSharedTokens<Worker>(now: () => number): SharedTokens<Worker> {
  const kept = new Map<string, Kept>()
  const flights = new Map<string, Flight<Worker>>()

  async function ask(worker: Worker, key: TokenKey): Promise<{ readonly token?: unknown }> {
    const name = nameOf(key)
    const known = kept.get(name)
    if (known && !isOver(known)) return { token: known.token }
    const flight = flights.get(name)
    if (!flight) {
      flights.set(name, { maker: worker, waiting: [] })
      return {}
    }
    const answer: Answer = Promise.withResolvers()
    flight.waiting.push({ worker, answer })
    return await answer.promise
  }

  function keepToken(made: Kept): void {
    for (const [name, other] of kept) {
      if (kept.size < MOST && !isOver(other)) break
      kept.delete(name)
    }
    kept.set(nameOf(made.key), made)
  }

  /** Ends the flight of this maker, unless another has taken its place. */
  function land(worker: Worker, key: TokenKey): Flight<Worker>['waiting'] {
    const name = nameOf(key)
    const flight = flights.get(name)
    if (flight?.maker !== worker) return []
    flights.delete(name)
    return flight.waiting
  }

  function isOver({ key }: Kept): boolean {
    return key.until * 1000 <= now()
  }

  return {
    methods: (worker) => ({
      token: (key) => ask(worker, key),
      made({ key, token }) {
        keepToken({ key, token })
        for (const { answer } of land(worker, key)) answer.resolve({ token })
      },
      failed({ key, fault }) {
        const error: CountersignError = errorOf(fault)
        for (const { answer } of land(worker, key)) answer.reject(error)
      },
    }),
    left(worker) {
      for (const [name, flight] of flights) {
        flight.waiting = flight.waiting.filter((other) => other.worker !== worker)
        if (flight.maker !== worker) continue
        const next = flight.waiting.shift()
        if (next) flight.maker = next.worker
        else flights.delete(name)
        next?.answer.resolve({})
      }
    },
    keep(generation) {
      for (const [name, { key }] of kept) if (key.generation !== generation) kept.delete(name)
    },
  }
}

function nameOf({ generation, digest, until }: TokenKey): string {
  return `${generation} ${until} ${digest}`
}
