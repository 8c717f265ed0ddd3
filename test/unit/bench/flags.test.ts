import { describe, expect, it } from 'vitest'
import { parseFlags } from '../../../bench/flags.ts'

describe('the command line', () => {
  it('asks for everything, five rounds, when nothing else is said', () => {
    const { scenarios, rounds, seconds, write } = parseFlags([])
    expect(scenarios.slice(0, 10).map(({ name }) => name)).toEqual([
      ...['cached', 'hs256', 'es256', 'eddsa', 'rs256', 'callers-10k', 'body-10k'],
      ...['body-placement', 'policies-10k', 'express'],
    ])
    expect({ rounds, seconds, write }).toEqual({ rounds: 5, seconds: 5, write: false })
  })

  it('names scenarios, in the order asked for', () => {
    const { scenarios } = parseFlags(['--only', 'es256,cached'])
    expect(scenarios.map(({ name }) => name)).toEqual(['es256', 'cached'])
  })

  it('names two files to compare', () => {
    expect(parseFlags(['--compare', 'a.json', 'b.json']).compare).toEqual(['a.json', 'b.json'])
  })

  it.each([
    [['--only', 'fast'], /--only of cached/],
    [['--rounds', '0'], /--rounds from 1 to 100/],
    [['--seconds', '9'], /--seconds from 1 to 8/],
    [['--seconds', 'two'], /--seconds from 1 to 8/],
    [['--compare', 'a.json'], /two files/],
    [['cached'], /nothing else/],
  ])('refuses %j', (args, message) => {
    expect(() => parseFlags(args)).toThrow(message)
  })
})
