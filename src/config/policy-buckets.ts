import { withoutPort } from '../match/index.ts'
import type { Policy } from '../policy.ts'

type Matching = Pick<Policy, 'routes' | 'criteria'>

/** What a policy asks for: requests that have none of these values it does not see; undefined: any will do. */
type Trait = (policy: Matching) => readonly string[] | undefined

/** Policies by what they match, so that few have to be compared with each other. */
export interface PolicyBuckets<T> {
  add(policy: Matching, entry: T): void
  /** At least the entries of those added that may see a request which this policy sees, too. */
  near(policy: Matching): readonly T[]
}

/** Header fields that tell policies apart; the values of further ones are compared one by one. */
const FIELDS = 4
/** Entries from which on it is worth to tell them apart. */
const MANY = 8

/** Creates empty buckets for some of `policies`, whose most used header fields tell them apart. */
export function createPolicyBuckets(policies: readonly Matching[]): <T>() => PolicyBuckets<T> {
  const traits = [routesOf, hostsOf, ...fieldsOf(policies).map(valuesOf)]
  return <T>(): PolicyBuckets<T> => {
    const added: (readonly [policy: Matching, entry: T])[] = []
    const all: T[] = []
    let shelves: readonly Shelf<T>[] = []
    return {
      add(policy, entry) {
        added.push([policy, entry])
        all.push(entry)
        for (const shelf of shelves) put(shelf, policy, entry)
        if (all.length !== MANY) return
        shelves = traits.map((trait) => ({ trait, entries: new Map() }))
        for (const shelf of shelves) for (const [other, known] of added) put(shelf, other, known)
      },
      near(policy) {
        let fewest = [all]
        for (const { trait, entries } of shelves) {
          const values = trait(policy)
          if (!values) continue
          const found = [undefined, ...new Set(values)].flatMap((value) => {
            const bucket = entries.get(value)
            return bucket ? [bucket] : []
          })
          if (sizeOf(found) < sizeOf(fewest)) fewest = found
        }
        return fewest.flat()
      },
    }
  }
}

/** Entries by one trait of their policies. */
interface Shelf<T> {
  readonly trait: Trait
  readonly entries: Map<string | undefined, T[]>
}

function put<T>({ trait, entries }: Shelf<T>, policy: Matching, entry: T): void {
  for (const value of new Set(trait(policy) ?? [undefined])) {
    const bucket = entries.get(value)
    if (bucket) bucket.push(entry)
    else entries.set(value, [entry])
  }
}

const routesOf: Trait = ({ routes }) => routes

const hostsOf: Trait = ({ criteria }) => criteria.hosts?.map(withoutPort)

function valuesOf(field: string): Trait {
  return ({ criteria }) => criteria.headers?.find(({ name }) => name === field)?.values
}

/** The header fields by whose values most policies match. */
function fieldsOf(policies: readonly Matching[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { criteria } of policies) {
    for (const { name, values } of criteria.headers ?? []) {
      if (values) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  const names = [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name)
  return names.slice(0, FIELDS)
}

function sizeOf(buckets: readonly (readonly unknown[])[]): number {
  return buckets.reduce((size, { length }) => size + length, 0)
}
