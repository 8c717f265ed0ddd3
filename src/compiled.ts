import type { Admission } from './admission.ts'
import type { Criteria, UriParams } from './criteria.ts'
import type { Policy } from './policy.ts'
import type { Secret } from './secret.ts'
import type { JsonObject, RequestHead, UpstreamUrl } from './types.ts'

/** Where matching requests are forwarded. */
export interface Route {
  readonly name: string
  /** What a request gets that no policy applied to. */
  readonly unmatched: 'reject' | 'forward'
  /** Which requests it takes. */
  readonly criteria: Criteria
  /** Folded names of the header fields that it matches on. */
  readonly headerNames: ReadonlySet<string>
  readonly admission: Admission
  /** Absent when requests stay in the application that our middleware stands in. */
  readonly upstream?: Upstream
  /** The URL this request is forwarded to, before any credential is put on it. */
  upstreamUrl(head: RequestHead): UpstreamUrl
}

/** How a route's upstream is reached. */
export interface Upstream {
  /** Scheme, host and port: `https://orders.example.com`. */
  readonly origin: string
  /** What the upstream gets as `Host`; absent: the client's own. */
  readonly host?: string
  /** Milliseconds to connect, until the response head, and between two chunks of the response body. */
  readonly timeouts: { readonly connect: number; readonly headers: number; readonly body: number }
  /** Name that its certificate must bear (RFC 6066 section 3); empty when that is its IP address. */
  readonly servername: string
  /** PEM texts for TLS to the upstream. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: Secret }
  /** Most connections kept to the origin. */
  readonly connections: number
}

/** Something whose criteria a request fulfils. */
export interface Matched<T> {
  readonly entry: T
  /** Absent when its path pattern has no `{name}`. */
  readonly uriParams?: UriParams
}

/** The route of a request and the policies that match it, in order. */
export interface Match {
  /** What they are of. */
  readonly compiled: Compiled
  readonly route: Matched<Route>
  readonly policies: readonly Matched<Policy>[]
}

/** How the proxy listener speaks TLS, as PEM texts. */
export interface ListenerTls {
  /** The certificate, then those of its authorities. */
  readonly cert: string
  readonly key: Secret
  /** Authorities of client certificates; absent when no client is asked for one. */
  readonly clientCa?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** How the JWK set of what the policies sign is published. */
export interface JwksSettings {
  /** Milliseconds for which a key stays published that the files no longer hold. */
  readonly overlap: number
  /** Seconds for which a verifier may keep the set. */
  readonly maxAge: number
  /** Our issuer identifier; written, `/.well-known/openid-configuration` is answered. */
  readonly issuer?: string
  /** Where verifiers find the set, when that is not below `issuer`. */
  readonly uri?: string
}

/** Everything that was compiled from one reading of the files. */
export interface Compiled {
  readonly routes: readonly Route[]
  /** Ascending by order, then by name; disabled ones are left out. */
  readonly policies: readonly Policy[]
  /** The disabled policies, in the same order. */
  readonly disabled: readonly Pick<Policy, 'name' | 'order'>[]
  /** What expressions see as `vars`. */
  readonly vars: JsonObject
  /** Most bytes of a body that a policy reads or writes. */
  readonly bodyLimit: number
  readonly jwks: JwksSettings
  /** Absent when the proxy listener speaks plain HTTP. */
  readonly tls?: ListenerTls
}

/** The current set of compiled routes and policies; replaced whole, atomically. */
export interface Gateway {
  /** What serves now: the same object until the next `replace`. */
  readonly compiled: Compiled
  /** Public JWKs of all enabled policies, and of those replaced less than `jwks.overlap` ago. */
  readonly publicKeys: readonly JsonObject[]
  /** Undefined when no route matches. */
  match(head: RequestHead): Match | undefined
  /** Closes the policies that served before; requests that are decided by them still finish. */
  replace(next: Compiled): void
}
