import type { IncomingHttpHeaders } from 'node:http'

/** What undici has of the fields of an answer: names and values by turns, or an object where HTTP/2 was spoken. */
export type RawHeaders = readonly (Buffer | string)[] | IncomingHttpHeaders | null | undefined

/** The same as names and values by turns, octets as characters; several values of one name are several fields. */
export function rawFields(rawHeaders: RawHeaders): string[] {
  if (Array.isArray(rawHeaders)) return rawHeaders.map((bytes) => bytes.toString('latin1'))
  return Object.entries(rawHeaders ?? {}).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => [name, value]),
  )
}
