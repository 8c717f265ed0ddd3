import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signWhileValid } from '../../../src/keys/sign-while-valid.ts'
import { createSigner } from '../../../src/keys/signer.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { errorCode } from '../../support/error-code.ts'
import { hmacSecret } from '../../support/keys.ts'

const VALID = { validFrom: 1000, validTo: 2000, members: { x5c: [], x5t: '', 'x5t#S256': '' } }
const BYTES = Buffer.from('bytes')

describe('a signer with a certificate', () => {
  const environment = fixedEnvironment()
  const signer = createSigner('HS256', createSecretKey(Buffer.from(hmacSecret())), 'a test', 'k1')
  const guarded = signWhileValid(signer, VALID, { environment })

  it.each([
    [999, 'key/unavailable'],
    [1000, 'none'],
    [2000, 'none'],
    [2001, 'key/unavailable'],
  ])('at %i ends with %s', async (now, code) => {
    environment.setNow(now)
    const ended = async () => await guarded.sign(BYTES)
    if (code === 'none') expect(await ended()).toEqual(await signer.sign(BYTES))
    else expect(await errorCode(ended)).toBe(code)
  })

  it('keeps the name of the key, and no way to sign that asks for no certificate', () => {
    expect(guarded).toMatchObject({ alg: 'HS256', kid: 'k1' })
    expect(Object.keys(guarded)).toEqual(['alg', 'kid', 'sign'])
  })
})
