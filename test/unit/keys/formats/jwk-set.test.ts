import { describe, expect, it } from 'vitest'
import { loadKey } from '../../../../src/keys/index.ts'
import { ecKeys, rsaKeys } from '../../../support/keys.ts'
import { recordingScope } from '../../../support/recording-scope.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { leaks } from '../leaks.ts'

const named = (kid: string, label = kid) => ({ ...ecKeys('P-256', label).privateJwk, kid })
const open = { ...ecKeys().publicJwk, kid: 'open' }
const rsa = { ...rsaKeys().privateJwk, kid: 'rsa' }
const a = named('a')
const b = named('b')

async function load(text: string, selected: { kid?: string }) {
  const folder = await tempFolder({ 'set.json': text })
  const { scope, faults } = recordingScope({ folder: folder.path })
  const privateKey = { jwks: 'set.json', ...selected }
  return { key: await loadKey({ signingMethod: 'ES256', privateKey }, scope), faults }
}

describe('a JWK set', () => {
  const cases: readonly (readonly [string, readonly object[], { kid?: string }, string, string])[] =
    [
      ['without a key that fits', [rsa, open], {}, 'key/mismatch', 'jwks'],
      ['without a key', [], {}, 'key/mismatch', 'jwks'],
      ['with two keys that fit', [a, b], {}, 'key/ambiguous', 'jwks'],
      ['with one kid twice', [a, named('a', 'b')], { kid: 'a' }, 'key/ambiguous', 'jwks'],
      ['with another kid twice', [a, rsa, rsa], { kid: 'a' }, 'key/ambiguous', 'jwks'],
      ['without the kid', [a, b], { kid: 'c' }, 'key/missing', 'kid'],
      ['of which the kid is public', [a, open], { kid: 'open' }, 'key/public', 'jwks'],
      ['of which the kid is RSA', [a, rsa], { kid: 'rsa' }, 'key/mismatch', 'jwks'],
      ['of which the kid is to encrypt', [{ ...a, use: 'enc' }], { kid: 'a' }, 'key/usage', 'jwks'],
    ]
  it.each(cases)('%s is refused at its place', async (_, keys, selected, rule, member) => {
    const text = JSON.stringify({ keys })
    const { key, faults } = await load(text, selected)
    expect(key).toBeUndefined()
    const path = ['privateKey', member]
    expect(faults).toMatchObject([{ severity: 'error', rule, path, hint: expect.anything() }])
    expect(leaks(text, JSON.stringify(faults))).toBe(false)
  })

  it('that is cut off anywhere is refused', async () => {
    const text = JSON.stringify({ keys: [a] })
    for (let length = 1; length < text.length; length += 9) {
      const { faults } = await load(text.slice(0, length), {})
      expect(faults).toMatchObject([{ rule: 'key/parse', path: ['privateKey', 'jwks'] }])
      expect(leaks(text, JSON.stringify(faults))).toBe(false)
    }
  })
})
