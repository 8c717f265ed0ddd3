import type { Address } from './address.ts'
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
  /** Protocols that a connection may change to. */
  readonly upgrades: readonly 'websocket'[]
  /**
   * Milliseconds after its request when a stream or a WebSocket ends at the latest, or `expiry`: with the first of
   * its credentials; absent: no limit.
   */
  readonly maxStreamAge?: number | 'expiry'
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
  /** Where connections go, at least one; of those that can be had the least busy. */
  readonly addresses: readonly Address[]
  readonly timeouts: UpstreamTimeouts
  /** Name that its certificate must bear (RFC 6066 section 3); empty when that is its IP address. */
  readonly servername: string
  /** Absent for `http`. */
  readonly tls?: UpstreamTls
  /** True when HTTP/2 is spoken with whoever offers it (ALPN). */
  readonly http2: boolean
  readonly pool: UpstreamPool
  /** Absent when an address is used however often it fails. */
  readonly breaker?: {
    /** Failures in a row after which an address gets no requests. */
    readonly failures: number
    /** Milliseconds until the first probe; doubles up to 30,000 while probes fail. */
    readonly openFor: number
  }
  /** Whether the upstream is told of the client, and by which fields. */
  readonly forwarded: 'none' | 'x-forwarded' | 'forwarded'
}

/** Limits on an exchange with an upstream, in milliseconds. */
export interface UpstreamTimeouts {
  readonly connect: number
  /** From the request until the response head. */
  readonly headers: number
  /** Between two chunks of the response body. */
  readonly body: number
  /** How long a connection waits for its next request: shorter than servers do, so that we close it, not they. */
  readonly idle: number
  /** The whole exchange, waiting for a connection and a second attempt included; absent: no limit. */
  readonly request?: number
}

/** TLS to an upstream, as PEM texts. */
export interface UpstreamTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: Secret
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
}

/** How many exchanges with an upstream there may be at once. */
export interface UpstreamPool {
  readonly connections: number
  /** Event streams, WebSockets and long answers besides. */
  readonly streams: number
  /** Requests that wait for a connection; more are refused with `overload`. */
  readonly queue: number
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

/** How much clients may ask at once. */
export interface Limits {
  /** Open connections of clients. */
  readonly connections: number
  /** Requests under way, without streams. */
  readonly requests: number
  /** Absent: no limit. */
  readonly requestsPerConnection?: number
  /** Bytes of the header fields. */
  readonly headSize: number
  readonly headerLines: number
  /** Bytes of the request target. */
  readonly targetSize: number
}

/** How long clients may take, in milliseconds. */
export interface ClientTimeouts {
  /** Until the head has arrived. */
  readonly headers: number
  /** Between two chunks of the body. */
  readonly body: number
  /** Until the whole request has arrived. */
  readonly request: number
  /** How long a connection waits for its next request. */
  readonly idle: number
  /** How long a client may read nothing of what waits for it. */
  readonly write: number
}

/** What happens at SIGTERM, in milliseconds. */
export interface Shutdown {
  /** How long requests are still accepted. */
  readonly drainDelay: number
  /** How long requests under way have to end after that. */
  readonly grace: number
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
  readonly limits: Limits
  readonly timeouts: ClientTimeouts
  readonly shutdown: Shutdown
  /** True for the `ip:port` of a proxy in front whose fields about the client are believed. */
  trustsProxy(remoteAddress: string): boolean
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
  /** Does step by step, with a turn between two, most of what `replace` has to do. */
  prepare(next: Compiled, turn: () => Promise<void> | undefined): Promise<void>
  /** Closes the policies that served before and do so no more; requests that are decided by them still finish. */
  replace(next: Compiled): void
}
