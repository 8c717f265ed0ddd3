import fc from 'fast-check'

/** A kind of hostile input, and what has to hold for each. */
export interface FuzzKind<Input> {
  /** What `--only` names. */
  readonly name: string
  readonly inputs: fc.Arbitrary<Input>
  /** Inputs that once broke something: they are tried first, in every run. */
  readonly found: readonly Input[]
  /** Words each of which is said of two inputs in a hundred at least: else too little is tried. */
  readonly usual: readonly string[]
  /** Milliseconds of this thread's CPU that one input may take: what else the machine does is not its fault. */
  readonly limit: number
  start(): Promise<FuzzTarget<Input>>
}

/** What takes the inputs of one kind. */
export interface FuzzTarget<Input> {
  /** Says in a word what came of an input; throws what speaks against it. */
  check(input: Input): Promise<string>
  close(): Promise<void>
}

/** How much to try. */
export interface FuzzOptions {
  readonly runs: number
  readonly seed: number
  /** Told before each input, for a watchdog. */
  onInput?(): void
}

/** What came of a run. */
export interface FuzzReport {
  /** How often each word was said. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Milliseconds of CPU that the slowest input took. */
  readonly slowest: number
}

/** A kind, ready to run; rejects with the smallest input that something speaks against. */
export interface Fuzz {
  readonly name: string
  run(options: FuzzOptions): Promise<FuzzReport>
}

/** Makes a kind ready to run. */
export function fuzz<Input>(kind: FuzzKind<Input>): Fuzz {
  return {
    name: kind.name,
    async run({ runs, seed, onInput }) {
      const outcomes: Record<string, number> = {}
      let slowest = 0
      const uncaught = watchUncaught()
      const target = await kind.start()
      try {
        const property = fc.asyncProperty(kind.inputs, async (input) => {
          onInput?.()
          const from = process.threadCpuUsage()
          const outcome = await target.check(input)
          const { user, system } = process.threadCpuUsage(from)
          const took = (user + system) / 1000
          uncaught.check()
          slowest = Math.max(slowest, took)
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
          if (took > kind.limit) throw new Error(`took ${took} ms, expected ${kind.limit} at most`)
        })
        const examples = kind.found.map((input): [Input] => [input])
        await fc.assert(property, { numRuns: runs + examples.length, seed, examples })
        const rare = kind.usual.filter((word) => (outcomes[word] ?? 0) < runs / 50)
        if (rare.length > 0) throw new Error(`rarely ${rare}: ${JSON.stringify(outcomes)}`)
      } finally {
        uncaught.stop()
        await target.close()
      }
      return { outcomes, slowest }
    },
  }
}

/** Keeps what nobody caught, whatever promise it came from. */
function watchUncaught() {
  const errors: unknown[] = []
  const keep = (error: unknown) => void errors.push(error)
  process.on('uncaughtException', keep).on('unhandledRejection', keep)
  return {
    check() {
      if (errors.length > 0) throw new Error('nobody caught', { cause: errors.shift() })
    },
    stop: () => void process.off('uncaughtException', keep).off('unhandledRejection', keep),
  }
}
