import { hash, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import type { Scope } from '../kind.ts'
import type { JsonObject } from '../types.ts'
import type { AlgorithmName } from './algorithms.ts'
import type { KeyCertificate } from './certificate.ts'
import { findKid, type KidConfig } from './kid.ts'
import { publicMembers } from './public-jwk.ts'

/** A key before it has a name. */
export interface UnnamedKey {
  readonly alg: AlgorithmName
  /** Absent for a secret. */
  readonly publicKey?: KeyObject | undefined
  readonly certificate?: KeyCertificate | undefined
  readonly account?: JsonObject | undefined
}

/** The name of a key, and what may be told of it. */
export interface KeyFacts {
  /** Absent when tokens carry no key id. */
  readonly kid?: string
  /** The public half for a JWK set, with `kid`, `alg`, `use` and the certificate; absent for HMAC. */
  readonly publicJwk?: JsonObject
  /**
   * What expressions see as `key`: `alg`, `kid`, and unless it is a secret `thumbprint` (RFC 7638), `fingerprint`
   * (base64 of the SHA-256 of its SubjectPublicKeyInfo), `jwk` (bare), and of the certificate `x5c`, `x5t`, `x5t#S256`.
   */
  readonly facts: JsonObject
}

/** Names a key. Undefined after an error was reported; `scope` is that of `kid`. */
export async function keyFacts(
  { alg, publicKey, certificate, account }: UnnamedKey,
  kid: KidConfig | undefined,
  scope: Scope,
): Promise<KeyFacts | undefined> {
  const jwk = publicKey && publicMembers({ ...(await exportJWK(publicKey)) })
  const thumbprint = publicKey && (await calculateJwkThumbprint(publicKey))
  const x5t = certificate?.members.x5t
  const named = findKid(kid, { thumbprint, x5t, account }, scope)
  if (named === undefined) return undefined
  if (!publicKey || !jwk || !thumbprint) return { ...named, facts: { alg, ...named } }
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const certified = certificate?.members ?? {}
  return {
    ...named,
    publicJwk: publicMembers({ ...jwk, ...named, alg, use: 'sig', ...certified }),
    facts: {
      alg,
      ...named,
      thumbprint,
      fingerprint: hash('sha256', spki, 'base64'),
      jwk,
      ...certified,
    },
  }
}
