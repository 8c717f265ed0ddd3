import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import { tokenSchema } from '../header-name.ts'
import type { Secret } from '../secret.ts'
import { decodeParameter, isSpellingOf } from '../spelling.ts'
import type { RequestContext } from '../types.ts'
import { overwriteSchema, type PlacementKind, valueSchema } from './placement-kind.ts'
import { sendable } from './sendable.ts'

const schema = z
  .strictObject({
    location: z.literal('cookie').describe('A cookie.'),
    name: tokenSchema('a cookie name, such as token').describe('Name of the cookie.'),
    value: valueSchema,
    overwrite: overwriteSchema,
  })
  .describe('Puts the token in a cookie.')

/** The `inject` part of a policy that puts the credential in a cookie. */
export type CookieConfig = z.infer<typeof schema>

/** Puts the credential in a cookie, after the client's own cookies. */
export const cookie = {
  schema,
  create({ name, overwrite }) {
    return {
      needsBody: false,
      readsPayload: false,
      headerNames: ['cookie'],
      place: `cookie:${name.toLowerCase()}`,
      occupied: (context) =>
        overwrite === 'fail'
          ? cookieNames(context, /[;,]/).some((sent) => isSpellingOf(decodeParameter(sent), name))
          : cookieNames(context, /;/).includes(name),
      put: (value) => ({ removeCookies: [name], setCookies: { [name]: cookieValue(value) } }),
      clear: () => ({ removeCookies: [name] }),
    }
  },
} satisfies PlacementKind<CookieConfig>

function cookieNames({ attributes }: RequestContext, separator: RegExp): string[] {
  return [attributes.headers.cookie ?? []]
    .flat()
    .flatMap((line) => line.split(separator))
    .map((pair) => pair.split('=', 1)[0]?.trim() ?? '')
}

// RFC 6265 section 4.1.1: what stands in a cookie value without being read as its end.
function cookieValue(value: Secret): Secret {
  if (/[ ",;\\]/.test(sendable(value).reveal())) {
    throw new CountersignError(
      'claim/not-header-safe',
      'expected a credential without spaces, quotes, commas, semicolons and backslashes',
    )
  }
  return value
}
