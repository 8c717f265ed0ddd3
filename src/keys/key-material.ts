import type { Fault, Path } from '../kind.ts'
import type { Secret } from '../secret.ts'

/** What a key source read: text in one of the accepted formats, not yet looked at. */
export interface KeyMaterial {
  readonly text: Secret
  /** Where it came from, for messages: `env ORDERS_KEY`, `file keys/orders.pem`. */
  readonly origin: string
  /** Where it stands below `privateKey`, for faults: `['env']`. */
  readonly path: Path
}

/** Receives one fault of a key; its place is known to the receiver. */
export type Report = (fault: Fault) => void
