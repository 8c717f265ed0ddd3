import type { SecondParser } from './second-parser.ts'
import type { ReceivedRequest } from './strict-parser.ts'

/** A place that a policy owns in a forwarded request. */
export type OwnedPlace =
  | { readonly location: 'header' | 'query' | 'form' | 'cookie'; readonly name: string }
  | { readonly location: 'json'; readonly path: readonly string[] }

/**
 * Everything that the laxest receivers we know of find at `place`: in any case, under any alias, behind `;` as
 * well as `&`, in every duplicate. Written apart from the product, to judge it; null for a value that is no string.
 */
export async function valuesAt(
  place: OwnedPlace,
  request: ReceivedRequest,
  parser: SecondParser,
): Promise<readonly (string | null)[]> {
  switch (place.location) {
    case 'header':
      return request.headers
        .filter(([name]) => words(name) === words(place.name))
        .map(([, value]) => value)
    case 'cookie':
      return pairs(request.values('cookie').join(';'), /[;,]/, place.name)
    case 'query':
      return pairs(request.target.split('?').slice(1).join('?'), /[&;]/, place.name)
    case 'form':
      return pairs(request.body.toString('latin1'), /[&;]/, place.name)
    case 'json':
      return parser.jsonValues(request.body, place.path)
  }
}

/** A name as CGI and its heirs see it, with any number of separators as one. */
function words(name: string): string {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('_')
}

function pairs(text: string, separator: RegExp, wanted: string): string[] {
  return text.split(separator).flatMap((pair) => {
    const [name = '', ...value] = pair.split('=')
    return baseName(name) === wanted ? [value.join('=')] : []
  })
}

/** The name before what PHP and Rails take for an index, decoded, in lower case and without blanks around it. */
function baseName(name: string): string {
  const decoded = name
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const [base = ''] = decoded.trimStart().split(/[[.\0]/)
  return base.trim().toLowerCase()
}
