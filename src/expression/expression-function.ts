import type { ContextMember } from '../types.ts'
import type { Focus } from './callable.ts'

/** A function that expressions have beside JSONata's own, or in its place. */
export interface ExpressionFunction {
  /** JSONata signature: `<s-s?:s>` is a string (the context when left out) and an optional string. */
  readonly signature?: string
  /** True when two calls within one request context may differ. */
  readonly volatile?: boolean
  readonly reads?: ContextMember
  /** The words that an argument may be, by its position. */
  readonly words?: Readonly<Record<number, readonly string[]>>
  readonly call: (this: Focus, ...values: never[]) => unknown
}
