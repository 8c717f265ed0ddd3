import { describe, expect, it } from 'vitest'
import { credentialKinds } from '../../src/credentials/index.ts'
import { systemEnvironment } from '../../src/environment.ts'
import { ecKeys, hmacSecret, rsaKeys } from '../support/keys.ts'
import { recordingScope } from '../support/recording-scope.ts'
import { requestContext } from '../support/request-context.ts'
import { sourceOptions } from '../support/source-options.ts'

/** Calls `visit` with `count` tokens of one policy that all say the same, a hundred at a time. */
async function mint(block: object, key: string, count: number, visit: (token: string) => void) {
  const variables: Readonly<Record<string, string>> = { KEY: key }
  const environment = { ...systemEnvironment(), variable: (name: string) => variables[name] }
  const { scope, faults } = recordingScope({ environment })
  const { schema, create } = credentialKinds.jwt
  const source = await create(schema.parse({ exp: 300, ...block }), scope, sourceOptions)
  expect(faults.filter(({ severity }) => severity === 'error')).toEqual([])
  const context = requestContext()
  const one = async () => visit((await source!.issue(context)).value.reveal())
  for (let done = 0; done < count; done += 100) {
    await Promise.all(Array.from({ length: 100 }, one))
  }
  source?.close()
}

const part = (token: string, index: number) => token.split('.')[index] as string

describe('T092 of tokens that say the same', () => {
  it('1,000,000 have ids of their own', { timeout: 100_000 }, async () => {
    const ids = new Set<bigint>()
    const block = { signingMethod: 'HS256', privateKey: { env: 'KEY' }, jti: true, singleUse: true }
    await mint(block, hmacSecret(), 1_000_000, (token) => {
      const { jti } = JSON.parse(Buffer.from(part(token, 1), 'base64url').toString())
      ids.add(BigInt(`0x${jti.replaceAll('-', '')}`))
    })
    expect(ids.size).toBe(1_000_000)
  })

  // a nonce of ECDSA that comes twice gives the key away
  it.each([
    ['ES256', 200_000, ecKeys().pkcs8],
    ['PS256', 5000, rsaKeys().pkcs8],
  ] as const)('%s signs each anew, %i times', { timeout: 100_000 }, async (alg, count, key) => {
    const signatures = new Set<string>()
    const block = { signingMethod: alg, privateKey: { env: 'KEY' }, singleUse: true, iat: false }
    await mint({ ...block, exp: 0 }, key, count, (token) => {
      // the first half of an ECDSA signature is made of the nonce alone
      const signature = part(token, 2)
      signatures.add(signature.slice(0, signature.length / 2))
    })
    expect(signatures.size).toBe(count)
  })

  it('no two are encrypted under one IV, 200,000 times', { timeout: 100_000 }, async () => {
    const ivs = new Set<string>()
    const encrypt = { alg: 'dir', enc: 'A256GCM', secret: { env: 'KEY' }, keyType: 'HexSecret' }
    const key = Buffer.from(hmacSecret(32), 'base64url').toString('hex')
    const block = { encrypt: { ...encrypt, signed: false }, singleUse: true }
    await mint(block, key, 200_000, (token) => ivs.add(part(token, 2)))
    expect(ivs.size).toBe(200_000)
  })
})
