import type { Criteria, HeaderCriterion, Segment } from '../criteria.ts'
import { withoutPort } from './host-name.ts'

/** True when it is sure that no request fulfils both criteria; what only `holds` tells is not looked at. */
export function areDisjoint(one: Criteria, other: Criteria): boolean {
  return (
    differ(one.methods, other.methods) ||
    differ(one.hosts, other.hosts, isSameHost) ||
    pathsPart(one.path, other.path) ||
    (one.headers ?? []).some((header) => headersPart(header, other.headers))
  )
}

/** True when both lists are there and nothing of the one is in the other. */
function differ(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
  isSame: (a: string, b: string) => boolean = Object.is,
): boolean {
  if (!one || !other) return false
  return one.every((text) => !other.some((candidate) => isSame(text, candidate)))
}

// A name without a port stands for every port.
function isSameHost(one: string, other: string): boolean {
  return one === other || withoutPort(one) === other || withoutPort(other) === one
}

// Beyond the end of the shorter one, anything may follow.
function pathsPart(one: readonly Segment[] = [], other: readonly Segment[] = []): boolean {
  return one.some((segment, index) => {
    const opposite = other[index]
    return typeof segment === 'string' && typeof opposite === 'string' && segment !== opposite
  })
}

function headersPart({ name, values }: HeaderCriterion, others: Criteria['headers'] = []): boolean {
  return others.some((other) => other.name === name && differ(values, other.values))
}
