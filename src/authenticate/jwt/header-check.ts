import type { AlgorithmName, KeyHint } from '../../keys/index.ts'
import type { JsonObject } from '../../types.ts'
import type { Refusal } from '../authenticator.ts'

/** Parameters that bring a key along, or change how a token is read (RFC 7515, 7516, 7797). */
const REFUSED = ['crit', 'b64', 'jwk', 'jku', 'x5u', 'x5c', 'zip', 'enc'] as const

/** What a JOSE header says of the key, when it says nothing else that would have to be acted on. */
export function checkHeader(
  header: JsonObject,
  algorithms: readonly AlgorithmName[],
): KeyHint | Refusal {
  const { kid, typ } = header
  const alg = algorithms.find((name) => name === header.alg)
  if (alg === undefined) return { reason: 'algorithm' }
  if (REFUSED.some((name) => header[name] !== undefined)) return { reason: 'header' }
  if (typ !== undefined && typeof typ !== 'string') return { reason: 'header' }
  if (kid === undefined) return { alg }
  return typeof kid === 'string' ? { alg, kid } : { reason: 'header' }
}
