import type { Eventual } from '../claims/index.ts'
import { ENCRYPTION_PARAMETERS, type Encrypter, type KeyRing } from '../keys/index.ts'
import type { JsonObject, RequestContext } from '../types.ts'
import { compactSigner } from './compact.ts'

/** How the claims of one `jwt` block become a token: signed, signed and encrypted, or only encrypted. */
export interface Sealing {
  /** The JOSE header before the policy's own parameters. */
  readonly header: JsonObject
  /** Public JWKs that verifiers need. */
  readonly published: readonly JsonObject[]
  /** What its own expressions see beside the request. */
  readonly sees: Pick<RequestContext, 'account' | 'key'>
  /** When the certificate of the key ends, in milliseconds since the epoch: no token is kept longer. */
  readonly validTo?: number
  /** For logs, beside what the header says. */
  readonly trace: Readonly<Record<string, string>>
  /** The token, at once where nothing waits. Throws or rejects with `key/unavailable`, or with `overload`. */
  seal(header: JsonObject, claims: JsonObject): Eventual<string>
}

/** The token as JWS Compact Serialization (RFC 7515 section 7.1). */
export function signing(ring: KeyRing): Sealing {
  const sealing = SIGNING.get(ring) ?? signingWith(ring)
  SIGNING.set(ring, sealing)
  return sealing
}

/** Thousands of policies may sign with the keys of one account. */
const SIGNING = new WeakMap<KeyRing, Sealing>()

function signingWith({ signing: key, published }: KeyRing): Sealing {
  const { signer, kid, headers, facts, account, validTo } = key
  return {
    header: { alg: signer.alg, typ: 'JWT', ...(kid !== undefined && { kid }), ...headers },
    published,
    sees: { key: facts, ...(account && { account }) },
    ...(validTo !== undefined && { validTo }),
    trace: {},
    seal: compactSigner(signer),
  }
}

/** The signed token as the content of a JWE (RFC 7519 section 5.2). */
export function nesting(inner: Sealing, encrypter: Encrypter): Sealing {
  return {
    ...inner,
    trace: { enc: encrypter.enc },
    seal: async (header, claims) => encrypter.encrypt(await inner.seal(header, claims), OUTER),
  }
}

const OUTER = { typ: 'JWT', cty: 'JWT' }

/** The claims themselves as the content of a JWE: nobody vouches for them but who has the recipient's key. */
export function encrypting(encrypter: Encrypter): Sealing {
  const { alg, enc, kid } = encrypter
  return {
    header: { alg, enc, typ: 'JWT', ...(kid !== undefined && { kid }) },
    published: [],
    sees: {},
    trace: { enc },
    seal: (header, claims) => encrypter.encrypt(JSON.stringify(claims), own(header)),
  }
}

function own(header: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(header).filter(([name]) => !ENCRYPTION_PARAMETERS.has(name)),
  )
}
