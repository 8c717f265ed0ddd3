import type { Scope } from '../../kind.ts'
import { type AlgorithmName, algorithm as specOf } from '../algorithms.ts'
import type { KeySets } from './key-sets.ts'
import { loadKeySetFile } from './load-key-set-file.ts'
import { loadOneKey } from './load-one-key.ts'
import { loadRemoteKeySet } from './load-remote-key-set.ts'
import type { VerifyingKeyConfig } from './verifying-key-config.ts'
import type { VerifyingKeys } from './verifying-keys.ts'

/** What surrounds the keys of an issuer. */
export interface VerifyingKeyOptions {
  /** Those that the authenticator takes; at least one. */
  readonly algorithms: readonly AlgorithmName[]
  readonly keySets: KeySets
}

/**
 * The keys that an authenticator verifies with, from exactly one source, each imported and checked for its
 * algorithms; a set at a URL is only begun to be fetched. `scope` is that of the authenticator's kind, in which
 * `algorithms` stands beside the members of `config`. Undefined after an error was reported.
 */
export async function loadVerifyingKeys(
  config: VerifyingKeyConfig,
  scope: Scope,
  { algorithms, keySets }: VerifyingKeyOptions,
): Promise<VerifyingKeys | undefined> {
  const source = chooseSource(config, scope)
  if (source === undefined || !checkAlgorithms(source, algorithms, scope)) return undefined
  const { secret, publicKey, jwks, jwksUrl } = config
  const rules = { ...config, algorithms }
  if (secret !== undefined) return loadOneKey('secret', secret, rules, scope)
  if (publicKey !== undefined) return loadOneKey('publicKey', publicKey, rules, scope)
  if (jwks !== undefined) return loadKeySetFile(jwks, config, algorithms, scope)
  return jwksUrl === undefined ? undefined : loadRemoteKeySet(jwksUrl, config, keySets, scope)
}

const SOURCES = ['secret', 'publicKey', 'jwks', 'jwksUrl'] as const
type SourceName = (typeof SOURCES)[number]

/** Which sources a member means something beside. */
const BESIDE: Readonly<Record<string, readonly SourceName[]>> = {
  keyType: ['secret', 'publicKey'],
  allowWeakKey: ['secret', 'publicKey', 'jwks'],
  allowInsecure: ['jwksUrl'],
}

function chooseSource(config: VerifyingKeyConfig, scope: Scope): SourceName | undefined {
  const [source, second] = SOURCES.filter((name) => config[name] !== undefined)
  if (source === undefined || second !== undefined) {
    scope.report(second === undefined ? [] : [second], {
      severity: 'error',
      rule: second === undefined ? 'key/missing' : 'key/ambiguous',
      message: `expected one of ${SOURCES.join(', ')}`,
      hint: 'the keys of one issuer come from one place; another issuer is another authenticator',
    })
    return undefined
  }
  for (const [member, sources] of Object.entries(BESIDE)) {
    if (config[member as keyof typeof config] === undefined || sources.includes(source)) continue
    scope.report([member], {
      severity: 'error',
      rule: 'key/ambiguous',
      message: `expected ${member} beside ${sources.join(' or ')}, found it beside ${source}`,
      hint: 'leave it out',
    })
  }
  return source
}

/** False after an algorithm was reported that no key of the source can fit: a public key is never a MAC's secret. */
function checkAlgorithms(
  source: SourceName,
  algorithms: readonly AlgorithmName[],
  scope: Scope,
): boolean {
  const isWrong = (name: AlgorithmName) =>
    source === 'secret'
      ? specOf(name).family !== 'HMAC'
      : source !== 'jwks' && specOf(name).family === 'HMAC'
  for (const [index, name] of algorithms.entries()) {
    if (!isWrong(name)) continue
    scope.report(['algorithms', index], {
      severity: 'error',
      rule: 'key/mismatch',
      message: `expected an algorithm of ${source === 'secret' ? 'a shared secret' : 'public keys'} beside ${source}, found ${name}`,
      hint:
        source === 'secret'
          ? 'HS256, HS384 and HS512 verify with a secret; the others need publicKey, jwks or jwksUrl'
          : 'HS256, HS384 and HS512 need secret: whoever knows the key can sign with them',
    })
  }
  return !algorithms.some(isWrong)
}
