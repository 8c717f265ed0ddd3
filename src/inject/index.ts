import { z } from 'zod'
import type { Scope } from '../kind.ts'
import type { Placement } from '../types.ts'
import { body } from './body.ts'
import { cookie } from './cookie.ts'
import { header } from './header.ts'
import { none } from './none.ts'
import type { Overwrite, PlacementKind } from './placement-kind.ts'
import { query } from './query.ts'

export { sendable } from './sendable.ts'

/** Every kind of placement, by `location`. */
export const placementKinds = { header, query, body, cookie, none }

type AnyKind = (typeof placementKinds)[keyof typeof placementKinds]

/** One `inject` entry of a policy, defaults filled in. */
export type PlacementConfig = z.output<AnyKind['schema']> & {
  readonly overwrite?: Overwrite | undefined
  /** What goes there in place of the credential, as written. */
  readonly value?: string | undefined
}

const [first, ...others] = Object.values(placementKinds).map(({ schema }) => schema)

/** The shape of one `inject` entry; `location` decides which keys it has. */
export const placementSchema: z.ZodType<PlacementConfig> = z.discriminatedUnion('location', [
  first as AnyKind['schema'],
  ...others,
])

/** The placement that an `inject` entry describes; undefined only after an error was reported. */
export function createPlacement(config: PlacementConfig, scope: Scope): Placement | undefined {
  // each kind was given its own config by the schema
  const kind = placementKinds[config.location] as PlacementKind<PlacementConfig>
  return kind.create(config, scope)
}
