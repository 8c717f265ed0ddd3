import type { X509Certificate } from 'node:crypto'
import type { Authentication, RequestContext, RequestPatch } from './types.ts'

/** What the connection of a caller, or the application around us, tells beside the request. */
export interface Peer {
  /** The certificate that the client proved to have, when the listener trusts its chain. */
  readonly certificate?: X509Certificate | undefined
  /** Who the caller is as the application around us knows it; for routes that ask nobody. */
  readonly authentication?: Authentication | undefined
}

/** A caller that may pass. */
export interface Admitted {
  readonly authentication: Authentication
  /** Name of the authenticator that recognised the caller. */
  readonly authenticator?: string
  /** Takes the inbound credentials off the request; absent when there is none. */
  readonly patch?: Partial<RequestPatch>
}

/** What admission sees of a request. */
export type AdmissionContext = Pick<RequestContext, 'attributes' | 'upstream' | 'vars'>

/**
 * Says who the caller is and whether it may use the route. Throws `auth/invalid`, `auth/forbidden`,
 * `key/unavailable`, `overload`, and what its expression throws.
 */
export interface Admission {
  /** Folded names of the header fields it reads, or `*` for all. */
  readonly headerNames: ReadonlySet<string>
  /** True when it lets every caller pass. */
  readonly isOpen: boolean
  admit(context: AdmissionContext, peer: Peer): Admitted | Promise<Admitted>
}

/** A caller of whom nothing is known; the same for all. */
export const NOBODY: Authentication = Object.freeze({})

/** Asks nobody: the caller is whom the application around us knows, or anonymous. */
export const admitAnyone: Admission = {
  headerNames: new Set(),
  isOpen: true,
  admit: (_context, { authentication = NOBODY }) => ({ authentication }),
}
