import { describe, expect, it } from 'vitest'
import { ALGORITHM_NAMES, generateKey, loadKey } from '../../../src/keys/index.ts'
import { recordingScope } from '../../support/recording-scope.ts'

describe('generateKey', () => {
  it.each(ALGORITHM_NAMES)('makes a key that %s accepts without a word', async (signingMethod) => {
    const key = generateKey(signingMethod)
    const { scope, faults } = recordingScope({ variables: { DEMO_KEY: key.reveal() } })
    expect(await loadKey({ signingMethod, privateKey: { env: 'DEMO_KEY' } }, scope)).toBeDefined()
    expect(faults).toEqual([])
  })

  it('makes another key each time, which does not print itself', () => {
    const [one, two] = [generateKey('ES256'), generateKey('ES256')]
    expect(one.reveal()).not.toBe(two.reveal())
    expect(`${one}${JSON.stringify(one)}`).not.toContain('PRIVATE')
  })
})
