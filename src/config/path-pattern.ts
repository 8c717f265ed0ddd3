import { z } from 'zod'
import type { Segment } from '../criteria.ts'
import { parseTarget } from '../http/index.ts'

/** A path as requests have it. */
export const pathSchema = z
  .string()
  .regex(/^\//, { error: 'expected a path that starts with "/"', abort: true })
  .refine(isRequestPath, 'expected a path as requests have it: no query, dot or empty segments')

/** A path whose segments may be names in braces: `/orders/{id}`. */
export const pathPatternSchema = z
  .string()
  .regex(/^\//, { error: 'expected a path that starts with "/"', abort: true })
  .superRefine((path, { addIssue }) => {
    const refuse = (message: string, hint?: string) =>
      addIssue({ code: 'custom', message, params: { hint } })
    const names = segmentsOf(path).flatMap((segment) =>
      typeof segment === 'string' ? [] : segment.name,
    )
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    const plain = path.split('/').map((text) => (NAMED.test(text) ? 'x' : text))
    if (plain.some((text) => /[{}]/.test(text))) {
      refuse('expected braces around a whole segment and a name in them', HINT)
    } else if (!isRequestPath(plain.join('/'))) {
      refuse('expected a path as requests have it: no query, dot or empty segments')
    } else if (twice !== undefined) {
      refuse(`expected each name once, found {${twice}} again`, 'choose another name')
    }
  })

const NAMED = /^\{([A-Za-z_][A-Za-z0-9_-]*)\}$/
const HINT = 'write /orders/{id}; a name is letters, digits, "_" and "-", and begins with no digit'

/** The segments of a path pattern; none of `/`. */
export function segmentsOf(path: string): Segment[] {
  const texts = path.split('/').filter((text) => text !== '')
  return texts.map((text) => {
    const [, name] = NAMED.exec(text) ?? []
    return name === undefined ? text : { name }
  })
}

/** False for a path that would never match, because no request can have it. */
function isRequestPath(path: string): boolean {
  try {
    return parseTarget('GET', path).path === path
  } catch {
    return false
  }
}
