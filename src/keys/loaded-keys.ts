import { hash } from 'node:crypto'
import type { Environment } from '../environment.ts'
import type { KeyUse } from './key-config.ts'
import type { FoundKey } from './key-material.ts'
import type { LoadedKey, OneKeyConfig } from './load-key.ts'

/**
 * What tells a key and all that was asked of it from every other; undefined for one that signs elsewhere, and for one
 * whose certificate stands apart.
 */
export function keyIdentity(
  found: FoundKey,
  config: OneKeyConfig,
  use: KeyUse,
): string | undefined {
  const { signingMethod, keyType, certificate, certificateHeaders, kid, allowWeakKey } = config
  if ('publicKey' in found || certificate !== undefined) return undefined
  const { text, passphrase, ...material } = found
  const secrets = [text.reveal(), passphrase?.reveal()]
  const asked = [signingMethod, keyType, certificateHeaders, kid, allowWeakKey, use]
  return hash('sha256', JSON.stringify([secrets, material, asked]))
}

/**
 * The keys that were loaded with an environment and gave nothing to say, by identity: thousands of policies may sign
 * with one, which is imported and proved once. They live as long as what uses the environment.
 */
export function loadedKeys(environment: Environment): Map<string, LoadedKey> {
  const known = LOADED.get(environment) ?? new Map<string, LoadedKey>()
  LOADED.set(environment, known)
  return known
}

const LOADED = new WeakMap<Environment, Map<string, LoadedKey>>()
