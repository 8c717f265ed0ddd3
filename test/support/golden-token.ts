import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { calculateJwkThumbprint } from 'jose'
import { z } from 'zod'
import { ALGORITHM_NAMES, type AlgorithmName } from '../../src/keys/algorithms.ts'
import { decryptJwe } from './decrypt-jwe.ts'
import type { GoldenKeys } from './golden-keys.ts'

const members = z.record(z.string(), z.json())

/** A token as a golden policy describes it. */
export const goldenTokenSchema = z.strictObject({
  encrypted: z.strictObject({ for: z.string(), header: members }).optional(),
  verify: z.enum(ALGORITHM_NAMES).optional(),
  header: members.optional(),
  claims: members,
})

/** `for` names who decrypts it, `verify` the algorithm of the signature inside. */
export type GoldenToken = z.infer<typeof goldenTokenSchema>

type Members = z.infer<typeof members>

/**
 * What a token says once fast-jwt has verified it at `now` (milliseconds since the epoch), decrypted before with
 * `node:crypto` alone: both as `expected` names them. Header members that are expected to be fresh are «fresh».
 */
export function openToken(
  token: string,
  expected: GoldenToken,
  keys: GoldenKeys,
  now: number,
): GoldenToken {
  const { encrypted, verify } = expected
  if (encrypted === undefined) return readToken(token, verify, keys, now)
  const { header, plaintext } = decryptJwe(token, keys.decryptionKey(encrypted.for))
  const seen = maskFresh(header as Members, encrypted.header)
  return {
    encrypted: { for: encrypted.for, header: seen },
    ...readToken(plaintext, verify, keys, now),
  }
}

function readToken(
  token: string,
  verify: AlgorithmName | undefined,
  keys: GoldenKeys,
  now: number,
): GoldenToken {
  if (verify === undefined) return { claims: JSON.parse(token) }
  const key = keys.verificationKey(verify)
  const verifier = createVerifier({
    key: key.type === 'secret' ? key.export() : key.export({ type: 'spki', format: 'pem' }),
    algorithms: [verify],
    clockTimestamp: now,
    complete: true,
  })
  const { header, payload } = verifier(token)
  return { verify, header, claims: payload }
}

const FRESH = '«fresh»'

function maskFresh(header: Members, expected: Members): Members {
  const entries = Object.entries(header).map(([name, value]) => {
    const isMasked = expected[name] === FRESH && value !== '' && value !== null
    return [name, isMasked ? FRESH : value]
  })
  return Object.fromEntries(entries)
}

/** A description with each «…» replaced by what it stands for. */
export async function fillIn(token: GoldenToken, keys: GoldenKeys): Promise<GoldenToken> {
  const { encrypted, verify, header, claims } = token
  const signs = verify && (() => keys.verificationKey(verify))
  const decrypts = encrypted && (() => keys.decryptionKey(encrypted.for))
  return {
    ...(encrypted && {
      encrypted: { for: encrypted.for, header: await fill(encrypted.header, keys, decrypts) },
    }),
    ...(verify && { verify }),
    ...(header && { header: await fill(header, keys, signs) }),
    claims: await fill(claims, keys, signs),
  }
}

async function fill(part: Members, keys: GoldenKeys, key: (() => KeyObject) | undefined) {
  const entries = Object.entries(part).map(async ([name, value]) => {
    if (value === '«thumbprint»' && key) return [name, await thumbprint(key())]
    const [, member, certificate] = /^«(\S+) (\S+)»$/.exec(String(value)) ?? []
    const raw = keys.certificates[certificate ?? '']?.raw
    if (raw === undefined) return [name, value]
    if (member === 'x5c') return [name, [raw.toString('base64')]]
    const hash = member === 'x5t' ? 'sha1' : 'sha256'
    return [name, createHash(hash).update(raw).digest('base64url')]
  })
  return Object.fromEntries(await Promise.all(entries)) as Members
}

function thumbprint(key: KeyObject): Promise<string> {
  return calculateJwkThumbprint(key.type === 'private' ? createPublicKey(key) : key)
}
