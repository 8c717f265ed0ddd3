import { sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createGuard } from '../../../../src/keys/remote/guard.ts'
import { RemoteFault } from '../../../../src/keys/remote/remote-fault.ts'
import { createRemoteKey } from '../../../../src/keys/remote/remote-key.ts'
import { ecKeys } from '../../../support/keys.ts'

const BYTES = Buffer.from('header.claims')
const MINE = ecKeys('P-256', 'mine')
const OTHER = ecKeys('P-256', 'other')

const signed = (pair: typeof MINE, bytes: Uint8Array) =>
  sign('sha256', bytes, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })

function remoteKey(answer: (bytes: Uint8Array) => Uint8Array) {
  let attempts = 0
  const key = createRemoteKey({
    publicKey: MINE.publicKey,
    guard: createGuard({ timeout: 1000, monotonic: () => 0 }),
    async sign(_alg, bytes) {
      attempts += 1
      return answer(bytes)
    },
    origin: 'a test',
    path: ['elsewhere', 'name'],
  })
  return { key, attempts: () => attempts }
}

function failing(member?: readonly string[]) {
  return () => {
    throw new RemoteFault('http-403', {
      message: 'expected',
      hint: 'do',
      ...(member && { member }),
    })
  }
}

describe('a remote key', () => {
  it('gives away a signature that its public half verifies', async () => {
    const { key } = remoteKey((bytes) => signed(MINE, bytes))
    expect(await key.sign('ES256', BYTES)).toHaveLength(64)
  })

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['of another key', (bytes) => signed(OTHER, bytes)],
    ['of other bytes', () => signed(MINE, Buffer.from('header.other'))],
    ['that is none', () => new Uint8Array(64)],
    ['without a byte', () => new Uint8Array()],
  ])('keeps a signature %s to itself, and does not ask again', async (_, answer) => {
    const { key, attempts } = remoteKey(answer)
    await expect(key.sign('ES256', BYTES)).rejects.toMatchObject({
      code: 'key/unavailable',
      cause: { code: 'bad-signature', member: ['elsewhere', 'name'] },
    })
    expect(attempts()).toBe(1)
  })

  it.each<[string, readonly string[] | undefined, readonly string[]]>([
    ['at the member that it is about', ['token', 'file'], ['elsewhere', 'token', 'file']],
    ['at the name of the key when it is about none', undefined, ['elsewhere', 'name']],
  ])('places a fault %s', async (_, member, place) => {
    const { key } = remoteKey(failing(member))
    await expect(key.sign('ES256', BYTES)).rejects.toMatchObject({
      code: 'key/unavailable',
      cause: { code: 'http-403', hint: 'do', member: place },
    })
  })
})
