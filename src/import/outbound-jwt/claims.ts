import { literalText } from '../../config/index.ts'
import { isMap } from '../../is-map.ts'
import type { Json, JsonObject } from '../../types.ts'
import { literalValue } from '../literal.ts'
import type { Settings } from './settings.ts'

const AUDIENCE = 'Audience'
const SUBJECT = 'Subject'
const ID = 'JWT ID'
const METADATA = 'Custom Metadata'

/** The default of the field, which may be written out. */
const UUID = /^\s*Math\.randomUUID\(\)\s*$/
/** Claims with a setting of their own. */
const OWN: ReadonlySet<string> = new Set(['iss', 'sub', 'aud', 'iat', 'nbf', 'exp', 'jti'])

/** Audience, subject, token id and metadata, in a `jwt` block. What needs a person is left out. */
export function translateClaims(settings: Settings): JsonObject {
  return {
    ...audience(settings),
    ...subject(settings),
    ...tokenId(settings),
    ...metadata(settings),
  }
}

function audience(settings: Settings): JsonObject {
  const value = literalOf(settings, AUDIENCE)
  if (value === undefined) return {}
  const texts = [value].flat()
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string' && text !== '')) {
    settings.person(AUDIENCE, 'expected text or a list of texts')
    return {}
  }
  settings.translated(AUDIENCE)
  return { aud: literalValue(value as Json) }
}

function subject(settings: Settings): JsonObject {
  const value = literalOf(settings, SUBJECT)
  if (value === undefined) return {}
  if (typeof value !== 'string') {
    settings.person(SUBJECT, 'expected text')
    return {}
  }
  settings.translated(SUBJECT)
  return { sub: literalText(value) }
}

function tokenId(settings: Settings): JsonObject {
  const setting = settings.find(ID)
  if (setting === undefined) return { jti: true }
  if (UUID.test(setting.expression ?? '')) {
    settings.translated(ID)
    return { jti: true }
  }
  const value = literalOf(settings, ID)
  if (value === undefined) return {}
  if (typeof value !== 'string') {
    settings.person(ID, 'expected text')
    return {}
  }
  settings.notice(ID, 'the same in every token')
  return { jti: `#[${JSON.stringify(value)}]` }
}

function metadata(settings: Settings): JsonObject {
  const value = literalOf(settings, METADATA)
  if (value === undefined) return {}
  if (!isMap(value)) {
    settings.person(METADATA, 'expected a map')
    return {}
  }
  const twice = Object.keys(value).filter((name) => OWN.has(name))
  if (twice.length > 0) settings.person(METADATA, `${twice.join(', ')} has a setting of its own`)
  else settings.translated(METADATA)
  const customClaims = Object.entries(value)
    .filter(([name]) => !OWN.has(name))
    .map(([name, claim]) => ({ name: nameOf(name), value: literalValue(claim as Json) }))
  return customClaims.length === 0 ? {} : { customClaims }
}

/** A name that begins with `/` would be a pointer as it is written. */
function nameOf(name: string): string {
  return name.startsWith('/') ? `#[${JSON.stringify(name)}]` : literalText(name)
}

/** The value of a setting that is no expression; one that is needs a person. */
function literalOf(settings: Settings, name: string): unknown {
  const setting = settings.find(name)
  if (setting?.expression === undefined) return setting?.value
  settings.person(name, 'an expression of theirs: write it as #[…]')
  return undefined
}
