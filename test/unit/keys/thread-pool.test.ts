import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createSigner } from '../../../src/keys/signer.ts'
import { atOnce, createPoolLine, type PoolLineOptions } from '../../../src/keys/thread-pool.ts'
import { busyThreadPool } from '../../support/busy-thread-pool.ts'
import { errorCode } from '../../support/error-code.ts'
import { rsaKeys } from '../../support/keys.ts'

type End = (error?: Error) => void

/** A line whose work ends when the test says so, by the name under which it was asked for. */
function setUp(options: PoolLineOptions) {
  const line = createPoolLine(options)
  const begun: string[] = []
  const ends = new Map<string, End>()
  const ask = (name: string) =>
    line<string>((done) => {
      begun.push(name)
      ends.set(name, (error) => done(error ?? null, name))
    })
  return { line, ask, begun, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

describe('the line in front of the thread pool', () => {
  it('gives it so much work at once, and the rest in the order in which it came', async () => {
    const { ask, begun, end } = setUp({ atOnce: 2, waiting: 10 })
    const results = Promise.all(['a', 'b', 'c', 'd'].map(ask))
    expect(begun).toEqual(['a', 'b'])
    end('b')
    expect(begun).toEqual(['a', 'b', 'c'])
    end('a')
    end('d')
    end('c')
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    expect(await results).toEqual(['a', 'b', 'c', 'd'])
  })

  it('refuses what would wait behind too many, and only that', async () => {
    const { ask, end } = setUp({ atOnce: 1, waiting: 1 })
    const [a, b] = [ask('a'), ask('b')]
    expect(await errorCode(() => ask('c'))).toBe('overload')
    end('a')
    const d = ask('d')
    end('b')
    end('d')
    expect(await Promise.all([a, b, d])).toEqual(['a', 'b', 'd'])
  })

  it('goes on after work that fails, at once or later', async () => {
    const { line, ask, begun, end } = setUp({ atOnce: 1, waiting: 10 })
    const broken = () =>
      line(() => {
        throw new Error('at once')
      })
    const failures = [broken(), ask('a'), broken(), broken(), ask('b')].map((work) =>
      work.catch(({ message }) => message),
    )
    end('a', new Error('later'))
    expect(begun).toEqual(['a', 'b'])
    end('b')
    expect(await Promise.all(failures)).toEqual(['at once', 'later', 'at once', 'at once', 'b'])
  })
})

describe('the thread pool', () => {
  it.each([
    ['a thread for each core', 2, 2, 4],
    ['fewer threads than cores, as beside other workers', 1, 8, 2],
    ['more threads than cores', 4, 2, 2],
    ['one core', 4, 1, 1],
  ])('with %s is given no more than keeps it busy', (_, threads, cores, expected) => {
    expect(atOnce(threads, cores)).toBe(expected)
  })
})

/** Asks for signatures with RSA, and says how many there are. */
function flood(count: number) {
  const signer = createSigner('RS256', rsaKeys().privateKey, 'a test')
  let made = 0
  const signatures = Array.from({ length: count }, async () => {
    await signer.sign(Buffer.from('bytes'))
    made += 1
  })
  return { made: () => made, end: Promise.all(signatures) }
}

describe('a flood of RSA signatures', () => {
  it.each([
    ['a file that is read', () => readFile(import.meta.filename)],
    ['a name that is looked up', () => lookup('localhost')],
  ])('holds up %s for a few of them only', async (_, others) => {
    const { made, end } = flood(400)
    await others()
    // reading a file takes four turns in the pool, and each waits for what the pool was given before
    expect(made()).toBeLessThan(200)
    await end
    expect(made()).toBe(400)
  })

  it.each(['RS256', 'RS512', 'PS256', 'PS384'] as const)(
    'with %s runs on no thread but those of the pool',
    async (alg) => {
      const signer = createSigner(alg, rsaKeys().privateKey, 'a test')
      const busy = busyThreadPool()
      const first = await Promise.race([
        Promise.resolve(signer.sign(Buffer.from('bytes'))).then(() => 'signed'),
        nextTurn('waits for the pool'),
      ])
      await busy
      expect(first).toBe('waits for the pool')
    },
  )
})
