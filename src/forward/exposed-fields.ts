import { fold } from '../header-name.ts'
import { eachField } from '../http/index.ts'
import type { Exposure } from '../policy.ts'

/** Folded names of fields that allow somebody on the way to store an answer (RFC 9111, RFC 9213). */
const STORAGE =
  /^(?:(?:.+_)?cache_control|surrogate_control|edge_control|x_accel_expires|expires|pragma)$/

/** True for the folded name of a field of the answer that gives way to what is exposed. */
export function givesWay(folded: string, exposed: readonly Exposure[]): boolean {
  if (exposed.length === 0) return false
  return STORAGE.test(folded) || exposed.some(({ header }) => fold(header) === folded)
}

/**
 * The fields of an upstream's answer, names and values by turns, with the credentials that the caller gets: each
 * in place of every alias of its field, the later of two for one field, and none of them to be stored on the way
 * (RFC 6749 section 5.1).
 */
export function exposeFields(fields: string[], exposed: readonly Exposure[]): string[] {
  if (exposed.length === 0) return fields
  const out: string[] = []
  eachField(fields, (name, value) => {
    if (!givesWay(fold(name), exposed)) out.push(name, value)
  })
  out.push('cache-control', 'no-store')
  const latest = new Map(exposed.map((exposure) => [fold(exposure.header), exposure]))
  for (const { header, value } of latest.values()) out.push(header, value.reveal())
  return out
}
