import { createSecretKey } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { compactSigner } from '../../../src/credentials/compact.ts'
import { createSigner } from '../../../src/keys/signer.ts'
import type { Signer } from '../../../src/types.ts'
import { ecKeys, ed25519Keys, hmacSecret, rsaKeys } from '../../support/keys.ts'

const secret = hmacSecret()
const hmac = createSigner('HS256', createSecretKey(Buffer.from(secret)), 'a test')
const CLAIMS = { sub: 'änn', org: '部門', half: '\ud83d\ude00' }

describe('a compact JWS', () => {
  it.each([
    ['HS256', hmac, secret],
    ['ES256', createSigner('ES256', ecKeys().privateKey, 'a test'), ecKeys().spki],
    ['EdDSA', createSigner('EdDSA', ed25519Keys().privateKey, 'a test'), ed25519Keys().spki],
  ] as const)('of %s is there at once, and says what the claims say', (alg, signer, key) => {
    const token = compactSigner(signer)({ alg, typ: 'JWT' }, CLAIMS)
    expect(token).toBeTypeOf('string')
    expect(createVerifier({ key, algorithms: [alg] })(token as string)).toEqual(CLAIMS)
  })

  it('of RS256 comes later', async () => {
    const { privateKey, spki } = rsaKeys()
    const token = compactSigner(createSigner('RS256', privateKey, 'a test'))(
      { alg: 'RS256' },
      CLAIMS,
    )
    expect(token).toBeInstanceOf(Promise)
    expect(createVerifier({ key: spki, algorithms: ['RS256'] })(await token)).toEqual(CLAIMS)
  })

  it('is the same by text and by bytes, of any length', async () => {
    const byBytes: Signer = { alg: hmac.alg, sign: hmac.sign }
    for (const length of [0, 1, 2, 3, 63, 64, 65, 5000]) {
      const parts = [{ alg: 'HS256' }, { sub: 'ä'.repeat(length) }] as const
      expect(await compactSigner(hmac)(...parts)).toBe(await compactSigner(byBytes)(...parts))
    }
  })

  it('has the header of its own call, whichever came before', async () => {
    const sign = compactSigner(hmac)
    const verify = createVerifier({ key: secret, complete: true })
    for (const typ of ['JWT', 'at+jwt', 'JWT']) {
      const { header } = verify(await sign({ alg: 'HS256', typ }, {}))
      expect(header).toEqual({ alg: 'HS256', typ })
    }
  })
})
