import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ALGORITHM_NAMES, type AlgorithmName, loadKey } from '../../../src/keys/index.ts'
import { checkKeyType, KEY_TYPES, type KeyType } from '../../../src/keys/key-type.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../../support/keys.ts'
import { recordingScope } from '../../support/recording-scope.ts'
import { keptFaults } from './imported.ts'
import { leaks } from './leaks.ts'

const rsa = rsaKeys()
const ec = ecKeys()
const secret = hmacSecret()
const hex = Buffer.from(secret).toString('hex')
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64')
const random = (bytes: number) => base64(randomBytes(bytes))
const sec1 = base64(ec.privateKey.export({ type: 'sec1', format: 'der' }))
const secretJwk = JSON.stringify({ kty: 'oct', k: secret })

describe('a keyType', () => {
  const fitting = (algorithm: AlgorithmName) =>
    KEY_TYPES.filter((keyType) => checkKeyType(keyType, algorithm, keptFaults().report))
  const secrets = ['Secret', 'Base64Secret', 'UrlSafeBase64Secret', 'HexSecret', 'Jwk']

  it.each(ALGORITHM_NAMES)('fits %s when such a key can have it', (algorithm) => {
    const [family] = algorithm
    const expected = {
      H: secrets,
      R: ['RsaPem', 'RsaDer', 'Jwk'],
      P: ['RsaPem', 'RsaDer', 'Jwk'],
      E: algorithm === 'EdDSA' ? ['EdPem', 'EdDer', 'Jwk'] : ['EcPem', 'EcDer', 'Jwk'],
    }[family as 'H' | 'R' | 'P' | 'E']
    expect(fitting(algorithm)).toEqual(expected)
  })

  it('that no key for the algorithm can have is refused at its place', async () => {
    const { scope, faults } = recordingScope({ variables: { KEY: rsa.pkcs8 } })
    const config = { signingMethod: 'RS256', keyType: 'EcPem', privateKey: { env: 'KEY' } } as const
    expect(await loadKey(config, scope)).toBeUndefined()
    expect(faults).toMatchObject([
      {
        severity: 'error',
        rule: 'key/type',
        path: ['keyType'],
        hint: 'write RsaPem, RsaDer, Jwk, or leave it out: the format is detected',
      },
    ])
  })

  const cases: readonly (readonly [string, AlgorithmName, KeyType, string, string])[] = [
    ['DER declared as PEM', 'ES256', 'EcPem', sec1, 'key/type'],
    ['PEM declared as DER', 'ES256', 'EcDer', ec.pkcs8, 'key/type'],
    ['PEM declared as a JWK', 'ES256', 'Jwk', ec.pkcs8, 'key/type'],
    ['a JWK declared as PEM', 'ES256', 'EcPem', JSON.stringify(ec.privateJwk), 'key/type'],
    ['an RSA key declared as EC', 'ES256', 'EcPem', rsa.pkcs8, 'key/type'],
    ['an EC key declared as RSA', 'RS256', 'RsaDer', sec1, 'key/type'],
    ['an RSA key declared as a seed', 'EdDSA', 'EdDer', rsa.pkcs8, 'key/type'],
    ['a public key declared as private', 'RS256', 'RsaPem', rsa.spki, 'key/public'],
    ['plain text declared as PEM', 'RS256', 'RsaPem', secret, 'key/type'],
    ['plain text declared as a JWK', 'HS256', 'Jwk', secret, 'key/type'],
    ['plain text declared as base64', 'HS256', 'Base64Secret', `${secret}!`, 'key/type'],
    ['base64url declared as base64', 'HS256', 'Base64Secret', `-_-_${secret}`, 'key/type'],
    ['base64 declared as base64url', 'HS256', 'UrlSafeBase64Secret', `+/+/${secret}`, 'key/type'],
    ['base64 with a digit too many', 'HS256', 'Base64Secret', `${random(48)}A`, 'key/type'],
    ['base64 with wrong padding', 'HS256', 'Base64Secret', `${random(48)}=`, 'key/type'],
    ['base64 with bits left over', 'HS256', 'Base64Secret', `${random(48)}AB`, 'key/type'],
    ['an odd number of digits', 'HS256', 'HexSecret', hex.slice(1), 'key/type'],
    ['hexadecimal digits after 0x', 'HS256', 'HexSecret', `0x${hex}`, 'key/type'],
    ['PEM declared as a secret', 'HS256', 'Secret', rsa.spki, 'key/mismatch'],
    ['wrapped PEM declared as base64', 'HS256', 'Base64Secret', base64(rsa.spki), 'key/mismatch'],
    ['a JWK declared as a secret', 'HS256', 'Secret', secretJwk, 'key/type'],
    ['a JWK pair declared as a JWK', 'HS256', 'Jwk', JSON.stringify(ec.privateJwk), 'key/mismatch'],
    ['a short secret in base64', 'HS256', 'Base64Secret', random(31), 'key/weak'],
    ['a short secret in hexadecimal', 'HS256', 'HexSecret', hex.slice(0, 62), 'key/weak'],
  ]
  it.each(cases)('is checked: %s (%s, %s)', async (_, signingMethod, keyType, text, rule) => {
    const { scope, faults } = recordingScope({ variables: { ORDERS_KEY: text } })
    const privateKey = { env: 'ORDERS_KEY' }
    expect(await loadKey({ signingMethod, keyType, privateKey }, scope)).toBeUndefined()
    expect(faults.map((fault) => [fault.rule, fault.path])).toEqual([[rule, ['privateKey', 'env']]])
    const [{ message, hint }] = faults as [(typeof faults)[0]]
    expect(message).toMatch(/^expected .*\(key from env ORDERS_KEY\)$/)
    expect(hint).toBeTruthy()
    expect(leaks(text, `${message}\n${hint}`)).toBe(false)
  })
})
