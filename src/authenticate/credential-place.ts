import { z } from 'zod'
import { decidesMessage, fold, TOKEN, tokenSchema } from '../header-name.ts'
import { decodeParameter, hasSpelling, isSpellingOf } from '../spelling.ts'
import type { Multimap, RequestHead } from '../types.ts'
import type { Authenticator, Finding, InboundCredential } from './authenticator.ts'

/** The name of a header field that may hold a credential. */
export function fieldNameSchema(expected: string) {
  return tokenSchema(expected).refine(
    (name) => !decidesMessage(fold(name)),
    'expected a field of its own, not one by which the connection works or the message is read',
  )
}

/**
 * The `in` key of an authenticator: where the credential stands. `header` is the field that is looked at when no
 * name is written.
 */
export function placeSchema(header: string) {
  const inHeader = z
    .strictObject({
      location: z.literal('header').optional().default('header').describe('A header field.'),
      name: fieldNameSchema('a header name, such as x-token')
        .optional()
        .default(header)
        .describe(`Name of the header field. Default: ${header}.`),
      scheme: tokenSchema('an authentication scheme, such as Bearer')
        .optional()
        .describe(
          'Word before the credential; none for no scheme. Default: Bearer in authorization, else none.',
        ),
    })
    .describe('The credential stands in a header field; the default location.')
  const inQuery = z
    .strictObject({
      location: z.literal('query').describe('A query parameter.'),
      name: z.string().min(1).describe('Name of the query parameter, decoded.'),
    })
    .describe('The credential stands in a query parameter. URLs reach logs: prefer a header.')
  const inCookie = z
    .strictObject({
      location: z.literal('cookie').describe('A cookie.'),
      name: tokenSchema('a cookie name, such as token').describe('Name of the cookie.'),
    })
    .describe('The credential stands in a cookie.')
  return z.discriminatedUnion('location', [inHeader, inQuery, inCookie]).prefault({})
}

/** Where a credential stands, defaults filled in. */
export type PlaceConfig = z.output<ReturnType<typeof placeSchema>>

/** Where an inbound credential stands. */
export interface CredentialPlace {
  readonly credential: InboundCredential
  /** Word before the credential; absent when it stands alone. */
  readonly scheme?: string
  /**
   * Has `judge` decide about the credential without its scheme, empty when the place holds nothing else. Several
   * lines, parameters or cookies are ambiguous, and so is another spelling of the name beside it, which the upstream
   * may read in its place.
   */
  examine(judge: (text: string) => Finding | Promise<Finding>): Authenticator['examine']
}

/** The place that an `in` key describes. */
export function createCredentialPlace(config: PlaceConfig): CredentialPlace {
  const { find, scheme, ...credential } = lookerAt(config)
  return {
    credential,
    ...(scheme !== undefined && { scheme }),
    examine: (judge) => (evidence) => {
      const found = find(evidence.head)
      if (found === 'ambiguous') return { refused: { reason: 'ambiguous' } }
      return found && judge(found.text)
    },
  }
}

/** What stands at a place: one credential, more than one where one belongs, or none of this kind. */
type Found = { readonly text: string } | 'ambiguous' | undefined

interface Looker extends InboundCredential {
  readonly scheme?: string
  find(head: RequestHead): Found
}

function lookerAt(config: PlaceConfig): Looker {
  if (config.location === 'header') return headerPlace(config.name.toLowerCase(), config.scheme)
  return config.location === 'query' ? queryPlace(config.name) : cookiePlace(config.name)
}

/** Scheme (RFC 9110 section 11.1), and what stands behind it. */
const CREDENTIALS = new RegExp(`^(${TOKEN})(.*)$`, 's')

function headerPlace(name: string, written?: string): Looker {
  const folded = fold(name)
  const word = written ?? (name === 'authorization' ? 'Bearer' : 'none')
  const scheme = word.toLowerCase()
  return {
    place: `header ${folded} ${scheme}`,
    headerNames: [folded],
    ...(scheme !== 'none' && { scheme: word }),
    removal: { removeHeaders: [name] },
    find({ headers }) {
      const texts = linesOf(headers, name).flatMap((line) => withoutScheme(line, scheme) ?? [])
      if (texts.length === 0) return undefined
      return one(texts, linesUnder(headers, folded) > 1)
    },
  }
}

/** Undefined for credentials of another scheme. */
function withoutScheme(line: string, scheme: string): string | undefined {
  if (scheme === 'none') return line
  const [, found = '', rest = ''] = CREDENTIALS.exec(line) ?? []
  return found.toLowerCase() === scheme ? rest.replace(/^ +/, '') : undefined
}

function queryPlace(name: string): Looker {
  return {
    place: `query ${name}`,
    headerNames: [],
    removal: { removeQuery: [name] },
    find({ queryParams }) {
      const { [name]: own, ...others } = queryParams
      return own === undefined ? undefined : one([own].flat(), hasSpelling(others, name))
    },
  }
}

function cookiePlace(name: string): Looker {
  return {
    place: `cookie ${name}`,
    headerNames: ['cookie'],
    removal: { removeCookies: [name] },
    find({ headers }) {
      const lines = linesOf(headers, 'cookie')
      const values = pairsOf(lines, /;/).flatMap(([sent, value]) => (sent === name ? [value] : []))
      if (values.length === 0) return undefined
      // servers that follow RFC 2965 part cookies by `,` as well
      const spelled = pairsOf(lines, /[;,]/).filter(([sent]) =>
        isSpellingOf(decodeParameter(sent), name),
      )
      return one(values, spelled.length > 1)
    },
  }
}

function one([text = '', ...others]: readonly string[], isSpelledTwice: boolean): Found {
  return others.length > 0 || isSpelledTwice ? 'ambiguous' : { text }
}

function linesOf(headers: Multimap, name: string): readonly string[] {
  return [headers[name] ?? []].flat()
}

function linesUnder(headers: Multimap, folded: string): number {
  const names = Object.keys(headers).filter((name) => fold(name) === folded)
  return names.flatMap((name) => linesOf(headers, name)).length
}

function pairsOf(lines: readonly string[], separator: RegExp): (readonly [string, string])[] {
  return lines
    .flatMap((line) => line.split(separator))
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name.trim(), value.join('=').trim()]
    })
}
