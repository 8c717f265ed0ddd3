import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadKey } from '../../../src/keys/index.ts'
import { corpus } from '../../support/corpus.ts'
import { recordingScope } from '../../support/recording-scope.ts'

async function faultsOf(secret: string, allowWeakKey = false) {
  const { scope, faults } = recordingScope({ variables: { SECRET: secret } })
  await loadKey({ signingMethod: 'HS256', privateKey: { env: 'SECRET' }, allowWeakKey }, scope)
  return faults.map(({ severity, rule }) => `${severity} ${rule}`)
}

const hex = randomBytes(16).toString('hex')

describe('T084 a secret', () => {
  it.each([
    [
      'of 42 random characters',
      randomBytes(42).toString('hex').slice(0, 42),
      'warning key/guessable',
    ],
    ['that is a sentence', `${hex} and ${hex}`, 'warning key/guessable'],
    ['that calls itself one', `${hex}-${hex}-my-Secret`, 'warning key/guessable'],
    ['of one pattern over and over', 'orders-7'.repeat(8), 'error key/weak'],
    ['of tutorials', 'A-String-Secret-At-Least-256-Bits-Long', 'error key/weak'],
  ])('%s is told', async (_, secret, fault) => {
    expect(await faultsOf(secret)).toEqual([fault])
  })

  it.each([
    ['43 random characters', randomBytes(43).toString('hex').slice(0, 43)],
    ['64 random digits', hex + randomBytes(16).toString('hex')],
    ['32 bytes that are no text', `${randomBytes(15).toString('hex')}é`],
  ])('of %s is accepted without a word', async (_, secret) => {
    expect(await faultsOf(secret)).toEqual([])
  })

  it('of tutorials is refused even where a short one is allowed', async () => {
    expect(await faultsOf('your-256-bit-secret', true)).toEqual(['error key/weak'])
  })

  const list = corpus('weak-secrets.txt')
  it.skipIf(list === undefined)('of a public list is refused, also with allowWeakKey', async () => {
    const secrets = readFileSync(list as string, 'utf8')
      .split('\n')
      .filter(Boolean)
    expect(secrets).toHaveLength(1000)
    for (const secret of secrets) {
      expect(await faultsOf(secret, true), secret).toEqual(['error key/weak'])
    }
  })
})
