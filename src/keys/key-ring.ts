import type { Path, Scope } from '../kind.ts'
import type { JsonObject } from '../types.ts'
import type { KeyConfig, KeyEntryConfig } from './key-config.ts'
import type { KeyFacts } from './key-facts.ts'
import { type LoadedKey, loadKey } from './load-key.ts'
import { loadPublicKey } from './load-public-key.ts'

/** The keys of one `jwt` block or account. */
export interface KeyRing {
  /** The one that signs. */
  readonly signing: LoadedKey
  /** Public JWKs for the JWK set: of the key that signs, then of the others as they are written; none for HMAC. */
  readonly published: readonly JsonObject[]
}

/**
 * Reads, imports and checks the keys of a `jwt` block or account. `scope` is that of the block. Undefined
 * after an error was reported.
 */
export async function loadKeyRing(config: KeyConfig, scope: Scope): Promise<KeyRing | undefined> {
  const { privateKey, keys } = config
  if (keys !== undefined) return loadKeys(keys, config, scope)
  if (privateKey === undefined) {
    refuse(scope, [], 'schema/required', 'expected privateKey or keys', 'write where the key is')
    return undefined
  }
  const signing = await loadKey({ ...config, privateKey }, scope)
  if (!signing) return undefined
  const alone = ALONE.get(signing) ?? ring(signing, [])
  ALONE.set(signing, alone)
  return alone
}

/** Rings of one key. */
const ALONE = new WeakMap<LoadedKey, KeyRing>()

async function loadKeys(
  keys: readonly KeyEntryConfig[],
  config: KeyConfig,
  scope: Scope,
): Promise<KeyRing | undefined> {
  const isFit = [checkPlaces(config, scope), checkUses(keys, scope)].every(Boolean)
  let signing: LoadedKey | undefined
  const loaded: (KeyFacts | undefined)[] = []
  for (const [index, entry] of keys.entries()) {
    const key = await loadEntry(entry, config, scope.at('keys', index))
    if (entry.use === 'sign' && key && 'signer' in key) signing = key
    loaded.push(key)
  }
  const areDistinct = checkKids(loaded, keys, scope)
  if (!isFit || !areDistinct || !signing || loaded.includes(undefined)) return undefined
  return ring(signing, loaded)
}

function ring(signing: LoadedKey, keys: readonly (KeyFacts | undefined)[]): KeyRing {
  const published = [signing, ...keys.filter((key) => key !== signing)]
  return { signing, published: published.flatMap((key) => (key?.publicJwk ? [key.publicJwk] : [])) }
}

async function loadEntry(
  { use, privateKey, publicKey, ...own }: KeyEntryConfig,
  { signingMethod, certificateHeaders, allowWeakKey }: KeyConfig,
  scope: Scope,
): Promise<LoadedKey | KeyFacts | undefined> {
  const config = { ...own, signingMethod: own.signingMethod ?? signingMethod, allowWeakKey }
  if (privateKey !== undefined && publicKey !== undefined) {
    const hint = 'keep privateKey: its public half is published'
    refuse(scope, ['publicKey'], 'key/ring', 'expected privateKey or publicKey, not both', hint)
    return undefined
  }
  if (privateKey !== undefined) {
    // What tokens carried that are signed no more does not matter.
    const headers = use === 'retired' ? {} : { certificateHeaders }
    return loadKey({ ...config, ...headers, privateKey }, scope, use)
  }
  if (publicKey !== undefined && use !== 'sign') {
    return loadPublicKey({ ...config, publicKey }, scope, use)
  }
  const expected = use === 'sign' ? 'privateKey: this key signs' : 'privateKey or publicKey'
  refuse(scope, [], 'schema/required', `expected ${expected}`, 'write where the key is')
  return undefined
}

/** Members that belong to one key. */
const OF_ONE_KEY = ['privateKey', 'keyType', 'certificate', 'kid'] as const

function checkPlaces(config: KeyConfig, scope: Scope): boolean {
  const misplaced = OF_ONE_KEY.filter((name) => config[name] !== undefined)
  for (const name of misplaced) {
    const hint =
      name === 'privateKey'
        ? 'make it an entry of keys with use: sign'
        : 'write it in the entry of keys that it belongs to'
    refuse(scope, [name], 'key/ring', `expected no ${name} beside keys`, hint)
  }
  return misplaced.length === 0
}

function checkUses(keys: readonly KeyEntryConfig[], scope: Scope): boolean {
  const signing = [...keys.keys()].filter((index) => keys[index]?.use === 'sign')
  if (signing.length === 0) {
    const hint = 'change the use of the key that tokens are signed with'
    refuse(scope, ['keys'], 'key/ring', 'expected one key with use: sign, found none', hint)
  }
  for (const index of signing.slice(1)) {
    const hint = 'write next for a key that is to sign later, retired for one that signed'
    refuse(scope, ['keys', index, 'use'], 'key/ring', 'expected one key with use: sign', hint)
  }
  return signing.length === 1
}

function checkKids(
  loaded: readonly (KeyFacts | undefined)[],
  keys: readonly KeyEntryConfig[],
  scope: Scope,
): boolean {
  const kids = loaded.map((key) => key?.kid)
  let areDistinct = true
  for (const [index, kid] of kids.entries()) {
    const earlier = kids.indexOf(kid)
    if (kid === undefined || earlier === index) continue
    areDistinct = false
    const place = keys[index]?.kid === undefined ? [] : ['kid']
    const message = `expected a kid of its own, entry ${earlier + 1} of keys has the same`
    const hint = 'verifiers tell keys apart by it: give each key a kid, and list it once'
    refuse(scope, ['keys', index, ...place], 'key/kid', message, hint)
  }
  return areDistinct
}

function refuse(scope: Scope, path: Path, rule: string, message: string, hint: string): void {
  scope.report(path, { severity: 'error', rule, message, hint })
}
