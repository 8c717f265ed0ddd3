import { describe, expect, it } from 'vitest'
import { kinds } from './kinds.ts'

const RUNS = 200
/** Milliseconds: two kinds load as many files. */
const PATIENCE = 60_000

describe(`R29 ${RUNS} inputs break nothing`, () => {
  it.each(kinds.map((kind) => [kind.name, kind] as const))(
    'of %s',
    (_, kind) => expect(kind.run({ runs: RUNS, seed: 1 })).resolves.toBeDefined(),
    PATIENCE,
  )
})
