import { z } from 'zod'
import { pointerNames } from '../json-pointer.ts'
import { foldMember, hasSpelling } from '../spelling.ts'
import type { BodyPlace, Multimap, RequestContext } from '../types.ts'
import { overwriteSchema, type PlacementKind, valueSchema } from './placement-kind.ts'
import { sendable } from './sendable.ts'

const schema = z
  .strictObject({
    location: z.literal('body').describe('A member of a JSON body, or a field of a form.'),
    name: z
      .string()
      .regex(
        /^(?:[^/][\s\S]*|(?:\/(?:[^~/]|~[01])*)+)$/,
        'expected a form field name, or a JSON pointer such as /auth/token',
      )
      .refine((name) => name.isWellFormed(), 'expected a name of whole Unicode characters')
      .describe(
        'A JSON pointer (RFC 6901) when it begins with /, as in /auth/token; ' +
          'otherwise the name of a form field.',
      ),
    value: valueSchema,
    overwrite: overwriteSchema,
  })
  .describe('Puts the token in the body. The body is buffered up to the limit.')

/** The `inject` part of a policy that puts the credential in the body. */
export type BodyConfig = z.infer<typeof schema>

/** Puts the credential in a member of a JSON object or in a form field. */
export const body = {
  schema,
  create({ name, overwrite = 'always' }) {
    const place: BodyPlace = name.startsWith('/')
      ? { kind: 'pointer', segments: pointerNames(name) }
      : { kind: 'field', name }
    return {
      needsBody: true,
      readsPayload: overwrite !== 'always',
      headerNames: [],
      place: `body:${place.kind === 'field' ? name.toLowerCase() : foldMember(name)}`,
      occupied: (context) => isOccupied(place, context, overwrite === 'fail'),
      put: (value) => ({ removeBody: [place], setBody: [{ place, value: sendable(value) }] }),
      clear: () => ({ removeBody: [place] }),
    }
  },
} satisfies PlacementKind<BodyConfig>

// A body that has no such place is not occupied: putting the credential there then says what is wrong.
function isOccupied(place: BodyPlace, { payload }: RequestContext, byAlias: boolean): boolean {
  if (!isObject(payload)) return false
  // of all payloads, only the fields of a form are an object without a prototype
  const isForm = Object.getPrototypeOf(payload) === null
  if (place.kind === 'pointer') return !isForm && hasMember(payload, place.segments, byAlias)
  if (!isForm) return false
  return byAlias ? hasSpelling(payload as Multimap, place.name) : place.name in payload
}

function hasMember(value: unknown, segments: readonly string[], byAlias: boolean): boolean {
  const [segment, ...below] = segments
  if (segment === undefined) return true
  if (!isObject(value)) return false
  const folded = foldMember(segment)
  const names = byAlias
    ? Object.keys(value).filter((name) => foldMember(name) === folded)
    : [segment].filter((name) => Object.hasOwn(value, name))
  return names.some((name) => hasMember(value[name], below, byAlias))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
