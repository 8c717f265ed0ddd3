import { sign } from 'node:crypto'
import { promisify } from 'node:util'
import { createVerifier } from 'fast-jwt'
import { describe, expect, it } from 'vitest'
import { createTokenCache } from '../../../src/cache/index.ts'
import { compactSigner } from '../../../src/credentials/compact.ts'
import { fixedEnvironment } from '../../support/clock.ts'
import { rsaKeys } from '../../support/keys.ts'

const keys = rsaKeys()
const onThreadPool = promisify(sign)

/** A cache of JWTs by subject, signed with RSA on the thread pool, and how many were signed. */
function signingCache() {
  const clock = fixedEnvironment({ now: new Date().toISOString() })
  const cache = createTokenCache<string>({ environment: clock, onRenewalFailure: () => undefined })
  let signatures = 0
  const signCompact = compactSigner({
    alg: 'RS256',
    sign(bytes) {
      signatures += 1
      return onThreadPool('sha256', bytes, keys.privateKey)
    },
  })
  async function get(sub: string) {
    return await cache.get(sub, async () => {
      const exp = Math.floor(clock.now() / 1000) + 300
      const value = await signCompact({ alg: 'RS256' }, { sub, exp })
      return { value, bytes: value.length, expiresAt: exp * 1000 }
    })
  }
  return { get, signatures: () => signatures }
}

describe('a token cache under load', () => {
  it('T114 signs once for a thousand first requests', async () => {
    const { get, signatures } = signingCache()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => get('ann')))
    expect(signatures()).toBe(1)
    const tokens = new Set(answers.map(([token]) => token))
    expect(tokens.size).toBe(1)
    const verify = createVerifier({ key: keys.spki, algorithms: ['RS256'] })
    for (const token of tokens) expect(verify(token)).toMatchObject({ sub: 'ann' })
  })

  it('signs once for each of many callers who come at the same time, and mixes none', async () => {
    const { get, signatures } = signingCache()
    const callers = Array.from({ length: 50 }, (_, index) => `caller-${index}`)
    const requests = Array.from({ length: 20 }, () => callers).flat()
    const answers = await Promise.all(
      requests.map(async (caller) => ({ caller, got: await get(caller) })),
    )
    expect(signatures()).toBe(50)
    const verify = createVerifier({ key: keys.spki, algorithms: ['RS256'], cache: true })
    for (const { caller, got } of answers) expect(verify(got[0])).toMatchObject({ sub: caller })
  })

  it('T115 keeps 10,000 of 100,000 callers, and mixes none', async () => {
    const environment = fixedEnvironment()
    const cache = createTokenCache<string>({ environment, onRenewalFailure: () => undefined })
    const expiresAt = environment.now() + 300_000
    let made = 0
    const get = (caller: string) =>
      cache.get(caller, async () => {
        made += 1
        return { value: `token of ${caller}`, bytes: 100, expiresAt }
      })
    const callers = Array.from({ length: 100_000 }, (_, index) => String(index))
    const answers = await Promise.all(callers.map(get))
    expect(answers.every(([value], caller) => value === `token of ${caller}`)).toBe(true)
    expect(made).toBe(100_000)
    const kept = callers
      .toReversed()
      .map(get)
      .filter((answer) => !(answer instanceof Promise))
    expect(kept).toHaveLength(10_000)
  })
})
