import { z } from 'zod'
import type { PlacementKind } from './placement-kind.ts'
import { sendable } from './sendable.ts'

const schema = z
  .strictObject({
    location: z.literal('none').describe('Nowhere: later policies use the token through saveAs.'),
  })
  .describe('Puts the token nowhere.')

/** The `inject` part of a policy that puts the credential nowhere. */
export type NoneConfig = z.infer<typeof schema>

/** Leaves the request as it is; the credential is there for `saveAs`. */
export const none = {
  schema,
  create() {
    return {
      needsBody: false,
      readsPayload: false,
      headerNames: [],
      place: 'none',
      occupied: () => false,
      put(value) {
        sendable(value)
        return {}
      },
      clear: () => ({}),
    }
  },
} satisfies PlacementKind<NoneConfig>
