import type { KeyObject } from 'node:crypto'
import type { Fault } from '../../kind.ts'
import { Secret } from '../../secret.ts'
import type { AlgorithmName } from '../algorithms.ts'
import { checkKey } from '../check-key.ts'
import { importPublicKey } from '../formats/import-public-key.ts'
import { importSecret } from '../formats/import-secret.ts'
import { isJwk, type UncheckedJwk } from '../formats/jwk.ts'
import { contradictions, FOR_VERIFYING } from '../formats/jwk-usage.ts'
import { publicKeyMembers } from '../public-jwk.ts'
import type { Report } from '../report.ts'
import type { KeyHint } from './verifying-keys.ts'

/** The keys of one JWK set that may verify. */
export interface KeySet {
  /**
   * The key with the `kid` of a token, when it fits the algorithm; for a token without `kid` the only key that fits,
   * none when several do.
   */
  find(hint: KeyHint): readonly KeyObject[]
  /** True when the set says anything of a key with this `kid`, usable or not. */
  knows(kid: string): boolean
  /** How many keys each algorithm has. */
  count(alg: AlgorithmName): number
}

/** Which keys of a set are used. */
export interface KeySetRules {
  /** A key is used for those of them that it fits. */
  readonly algorithms: readonly AlgorithmName[]
  readonly allowWeakKey: boolean
  /** Receives what is wrong with the key at `index`; an error when it is not used for that. */
  readonly report: (fault: Fault, index: number) => void
}

interface Entry {
  readonly kid: string | undefined
  readonly algorithms: readonly AlgorithmName[]
  readonly key: KeyObject
}

/**
 * Imports the members of a JWK set (RFC 7517 section 5), public halves and secrets alone. Passed over is what is no
 * JWK, for encryption, not for verifying, weak, of a type that fits no algorithm, or named as another key is, since
 * nobody can tell which of the two was meant.
 */
export async function createKeySet(
  members: readonly unknown[],
  rules: KeySetRules,
): Promise<KeySet> {
  const jwks = members.map((member) => (isJwk(member) && member.use !== 'enc' ? member : undefined))
  const counts = Map.groupBy(jwks, (jwk) => jwk?.kid)
  const entries: Entry[] = []
  for (const [index, jwk] of jwks.entries()) {
    if (jwk === undefined) continue
    const report: Report = (fault) => rules.report(fault, index)
    const isNamed = jwk.kid !== undefined
    if (isNamed && (typeof jwk.kid !== 'string' || counts.get(jwk.kid)!.length > 1)) {
      report(AMBIGUOUS)
      continue
    }
    const entry = await readEntry(jwk, rules, report)
    if (entry) entries.push(entry)
  }
  const byKid = new Map(entries.map((entry) => [entry.kid, entry]))
  const fitting = (alg: AlgorithmName) =>
    entries.filter(({ algorithms }) => algorithms.includes(alg))

  return {
    find({ alg, kid }) {
      const found = kid === undefined ? fitting(alg) : [byKid.get(kid)]
      const [entry] = found
      return found.length === 1 && entry?.algorithms.includes(alg) ? [entry.key] : []
    },
    knows: (kid) => counts.has(kid),
    count: (alg) => fitting(alg).length,
  }
}

async function readEntry(
  jwk: UncheckedJwk,
  { algorithms, allowWeakKey }: KeySetRules,
  report: Report,
): Promise<Entry | undefined> {
  // no other member: a certificate in PEM among them would be taken for the key
  const names = ['kty', 'use', 'key_ops', 'alg', ...(publicKeyMembers(jwk) ?? ['k'])]
  const text = new Secret(JSON.stringify(jwk, names))
  const material = { text, origin: 'a JWK set', path: [] }
  const key =
    jwk.kty === 'oct'
      ? importSecret(material, 'Jwk', report, FOR_VERIFYING)
      : (await importPublicKey(material, report, { usage: FOR_VERIFYING }))?.key
  if (key === undefined) return undefined
  const told = new Set<string>()
  const usable = algorithms.filter((algorithm) => {
    let fits = contradictions(jwk, { ...FOR_VERIFYING, algorithm }).length === 0
    if (!fits) return false
    checkKey(key, algorithm, allowWeakKey, (fault) => {
      fits &&= fault.severity !== 'error'
      // a set holds keys of several types, and an RSA key is as weak for each of its algorithms
      if (fault.rule !== 'key/mismatch' && !told.has(fault.message)) report(fault)
      told.add(fault.message)
    })
    return fits
  })
  const kid = typeof jwk.kid === 'string' ? jwk.kid : undefined
  return usable.length > 0 ? { kid, algorithms: usable, key } : undefined
}

const AMBIGUOUS: Fault = {
  severity: 'error',
  rule: 'key/ambiguous',
  message: 'expected "kid" to be text that stands once in the JWK set',
  hint: 'give each key a kid of its own (RFC 7517 section 4.5)',
}
