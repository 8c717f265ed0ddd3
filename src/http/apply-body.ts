import { isUtf8 } from 'node:buffer'
import { CountersignError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { BodyPlace, RequestPatch } from '../types.ts'
import { editJson } from './json-splice.ts'
import { checkCharset, isForm, isJson, type MediaType, parseMediaType } from './media-type.ts'
import { editParameters } from './parameters.ts'

type BodyPatch = Pick<RequestPatch, 'removeBody' | 'setBody'>

/**
 * The body after the patch. `contentType` is the field as a `Multimap` holds it. A pointer needs a JSON
 * media type and a field a form: any other type, or none, throws `body/media-type`, also where a place is only
 * removed, as some server may find it in there. An empty body has no place to remove.
 * Throws `body/shape` when there is no body to set in, `body/malformed` for a form that is not UTF-8, and
 * what `editJson` throws.
 */
export function applyBody(
  body: Buffer,
  contentType: string | readonly string[] | undefined,
  patch: BodyPatch,
): Buffer {
  if (patch.removeBody.length === 0 && patch.setBody.length === 0) return body
  if (body.length === 0) {
    if (patch.setBody.length === 0) return body
    throw new CountersignError('body/shape', 'expected a body that has a place for the token')
  }
  const type = parseMediaType(contentType)
  const places = [...patch.removeBody, ...patch.setBody.map(({ place }) => place)]
  if (type === undefined || !places.every((place) => fits(place, type))) {
    throw new CountersignError(
      'body/media-type',
      'expected the media type of the place in the body',
    )
  }
  checkCharset(type)
  return isJson(type) ? applyJson(body, patch) : applyForm(body, patch)
}

function applyJson(body: Buffer, patch: BodyPatch): Buffer {
  const remove = patch.removeBody.flatMap((place) =>
    place.kind === 'pointer' ? [place.segments] : [],
  )
  const set = patch.setBody.flatMap(({ place, value }) =>
    place.kind === 'pointer' ? [{ segments: place.segments, value }] : [],
  )
  return editJson(body, { remove, set })
}

function applyForm(body: Buffer, patch: BodyPatch): Buffer {
  const remove = patch.removeBody.flatMap((place) => (place.kind === 'field' ? [place.name] : []))
  const set: Record<string, Secret> = Object.create(null)
  for (const { place, value } of patch.setBody) if (place.kind === 'field') set[place.name] = value
  if (!isUtf8(body)) throw new CountersignError('body/malformed', 'expected a form in UTF-8')
  const text = body.toString('utf8')
  if (patch.setBody.length > 0 && text.trim() === '') {
    throw new CountersignError('body/shape', 'expected a form with at least one field')
  }
  const edited = editParameters(text, remove, set)
  return edited === text ? body : Buffer.from(edited)
}

function fits(place: BodyPlace, type: MediaType): boolean {
  return place.kind === 'pointer' ? isJson(type) : isForm(type)
}
