import type { UriParams } from './criteria.ts'
import type { Secret } from './secret.ts'

/** A JSON value (RFC 8259), as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json
}

/**
 * One line per name is a string, several lines are an array in the order received.
 * Made without a prototype, so that no name (`__proto__`, `constructor`) means anything but itself.
 */
export type Multimap = Readonly<Record<string, string | readonly string[]>>

/** The head of a request, parsed once; no body has been read. Expressions see it as `attributes`. */
export interface RequestHead {
  /** Upper-case, as sent: `GET`. */
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly version: string
  /** The `Host` field in lower case, with the port when one was sent; empty on HTTP/1.0 without it. */
  readonly host: string
  /** The path of the target as received, without the query: `/orders/7`. */
  readonly requestPath: string
  /** The target as received, in origin form: `/orders/7?x=1`. */
  readonly requestUri: string
  /** The query as received, without `?`; empty when there is none. */
  readonly queryString: string
  /** Query parameters by decoded name. */
  readonly queryParams: Multimap
  /** Header fields by lower-case name. */
  readonly headers: Multimap
  /** `ip:port` of the peer, an IPv6 address in brackets. */
  readonly remoteAddress: string
  /** `ip:port` of our side, an IPv6 address in brackets. */
  readonly localAddress: string
  /** What the `{name}` segments of the route's and the policy's `match.path` stand for; absent without any. */
  readonly uriParams?: UriParams
}

/** Who the caller is; empty when nobody asked. Members without a value are absent. */
export interface Authentication {
  /** The kind of authenticator that recognised the caller: `jwt`, `apiKey`, `anonymous`. */
  readonly scheme?: string
  readonly principal?: string
  readonly clientId?: string
  readonly clientName?: string
  readonly name?: string
  readonly email?: string
  readonly roles?: readonly string[]
  readonly userType?: string
  /** What the kind tells besides: `claims` of a token, `fingerprint` of a certificate. */
  readonly properties?: JsonObject
}

/** The URL of the request as it will be forwarded, before any credential is put on it. */
export interface UpstreamUrl {
  /** Scheme, host, path and query: `https://orders.example.com/v1/orders?x=1`. */
  readonly url: string
  readonly scheme: string
  /** Host name without the port. */
  readonly host: string
  /** Port number; the scheme's default when none is written. */
  readonly port: number
  readonly path: string
  /** Without `?`; empty when there is none. */
  readonly query: string
}

/** A token that an earlier policy saved with `saveAs`. */
export interface SavedToken {
  readonly value: string
  readonly claims: JsonObject
  readonly header: JsonObject
  /** NumericDate; absent when the token has no expiry. */
  readonly expiresAt?: number
}

/** What an expression sees: plain data, the same in every host. */
export interface RequestContext {
  readonly attributes: RequestHead
  readonly authentication: Authentication
  /** The body as JSON, form fields or text; present only when a policy reads the body. */
  readonly payload?: unknown
  readonly upstream: UpstreamUrl
  readonly tokens: Readonly<Record<string, SavedToken>>
  readonly vars: JsonObject
  /** The body's bytes as received. Expressions reach them only through `$bodyHash`. */
  readonly body?: Uint8Array
  /** Members of the JSON secret that the signing key was taken from; only where its own token is made. */
  readonly account?: JsonObject
  /** What may be told of the signing key (`kid`, `alg`, `thumbprint`, …); only where its own token is made. */
  readonly key?: JsonObject
}

/** What is put on a request, and until when it is good. */
export interface Credential {
  readonly value: Secret
  /** Further header fields that must travel with the credential, by lower-case name. */
  readonly companions?: Readonly<Record<string, Secret>>
  /** NumericDate after which the credential must not be sent; absent when it does not expire. */
  readonly expiresAt?: number
  /** True when it is sent once at most, not again after a failure either. */
  readonly isSingleUse?: boolean
  /** What `saveAs` shows to later policies. */
  readonly token?: Omit<SavedToken, 'value'>
  /** Key id, algorithms and cache result, for logs; never a value. */
  readonly trace?: Readonly<Record<string, string>>
}

/**
 * What an expression can read of a request: members of the context, `body` for its bytes, and `header x-user`
 * for one field, `header *` for any. What reads a header field reads `attributes` as well.
 */
export type ContextMember =
  | `header ${string}`
  | 'attributes'
  | 'authentication'
  | 'payload'
  | 'upstream'
  | 'tokens'
  | 'vars'
  | 'body'
  | 'account'
  | 'key'

/** Issues a credential for one request. */
export interface CredentialSource {
  /** What issuing reads of the request. */
  readonly reads: ReadonlySet<ContextMember>
  /** Public JWKs that verify what this source issues, for the JWKS; none for shared secrets. */
  readonly publicKeys: readonly JsonObject[]
  /** Throws `claim/…`, `expr/…`, `token/expired`, `key/unavailable`. */
  issue(context: RequestContext): Credential | Promise<Credential>
  /** Ends what goes on in the background; requests under way still get their credential. */
  close(): void
}

/** Signs bytes with one key, wherever the private half lives. */
export interface Signer {
  /** JWS algorithm name (RFC 7518 section 3.1, RFC 8037). */
  readonly alg: string
  /** Key id for the JOSE header; absent when the key has none. */
  readonly kid?: string
  /** Signature over `bytes` in JWS form (ECDSA as r‖s). Throws or rejects with `key/unavailable`, or with `overload`. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
  /** The same over ASCII text and as base64url text, where that costs less than to go through bytes. */
  readonly signText?: (text: string) => string
}

/** A place in a request body: a member of a JSON object, or a field of a form. */
export type BodyPlace =
  | { readonly kind: 'pointer'; readonly segments: readonly string[] }
  | { readonly kind: 'field'; readonly name: string }

/**
 * The change to one outgoing request, as data. Hosts remove first and set last; a name that is set is
 * removed first under every alias, so exactly one value is left: ours.
 */
export interface RequestPatch {
  /** Lower-case names; every field that folds to one of them goes. */
  readonly removeHeaders: readonly string[]
  readonly setHeaders: Readonly<Record<string, Secret>>
  /** Decoded parameter names, compared without case. */
  readonly removeQuery: readonly string[]
  readonly setQuery: Readonly<Record<string, Secret>>
  readonly removeCookies: readonly string[]
  readonly setCookies: Readonly<Record<string, Secret>>
  readonly removeBody: readonly BodyPlace[]
  readonly setBody: readonly { readonly place: BodyPlace; readonly value: Secret }[]
}

/** Where a credential goes. */
export interface Placement {
  /** True when the place is in the body, so that the host must buffer it. */
  readonly needsBody: boolean
  /** True when `occupied` reads `payload`, so that the body must parse. */
  readonly readsPayload: boolean
  /** Folded names of the header fields that it writes; a client must not nominate them as hop-by-hop. */
  readonly headerNames: readonly string[]
  /** Names the place the same for two placements that write the same place: `header:authorization`. */
  readonly place: string
  /**
   * True when the client sent a value of its own at this place: under this very name, and with
   * `overwrite: fail` under any alias that `put` removes.
   */
  occupied(context: RequestContext): boolean
  /** The change that puts the credential there. Throws `claim/not-header-safe` or `token/too-large`. */
  put(value: Secret): Partial<RequestPatch>
  /** The change that only takes away what the client sent there. */
  clear(): Partial<RequestPatch>
}
