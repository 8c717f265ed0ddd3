import type { z } from 'zod'
import type { Path } from '../../kind.ts'
import { nearest } from '../../nearest.ts'
import { isSecret } from '../secret-key.ts'
import { checkMessage } from './check-message.ts'
import { describeExpected, describeFound, describeSchema, listWords, quote } from './expectation.ts'
import { compareDistance, distanceOf, lesser } from './issue-distance.ts'
import { keysOf, schemasAt, unionAt } from './schema-path.ts'
import { type SchemaFault, shapeFault, unknownKeys, withoutMeant } from './shape-fault.ts'

export type { SchemaFault }

/** What else is known about the document. */
export interface SchemaFaultOptions {
  /** The schema that refused the value; suggestions for unknown keys come from it. */
  readonly schema?: z.core.$ZodType
  /** False at a path whose value must not be quoted. By default that is decided by the names of the keys. */
  readonly quotable?: (path: Path) => boolean
}

type Issue = z.core.$ZodIssue

interface Context {
  readonly value: unknown
  readonly quotable: (path: Path) => boolean
  /** Schemas that the value at `base` may be checked by. */
  readonly schemas: readonly z.core.$ZodType[]
  /** Where the paths of the issues begin. */
  readonly base: Path
}

/**
 * The faults behind a zod error: one for each unknown key, wrong type, unknown word, missing key or refused
 * value. Of a union, those of the branch that the value came closest to. An issue of a refinement may name its own
 * `rule` and `hint` in `params`.
 */
export function schemaFaults(
  error: z.core.$ZodError,
  value: unknown,
  options: SchemaFaultOptions = {},
): SchemaFault[] {
  const { schema, quotable = (path) => !isSecret(path, valueAt(value, path)) } = options
  const schemas = schema === undefined ? [] : [schema]
  return ofIssues(error.issues, { value, quotable, schemas, base: [] })
}

function ofIssues(issues: readonly Issue[], context: Context): SchemaFault[] {
  return withoutMeant(issues.flatMap((issue) => ofIssue(issue, context)))
}

function ofIssue(issue: Issue, context: Context): SchemaFault[] {
  const path = [
    ...context.base,
    ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step)),
  ]
  const found = valueAt(context.value, path)
  const one = (rule: string, text: string, hint?: string): SchemaFault[] => [
    { path, fault: shapeFault(rule, path, text, hint) },
  ]
  const missing = found === undefined && path.length > 0
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, path, keysOf(schemasAt(context.schemas, issue.path), found))
    case 'invalid_type':
      if (missing) return one('schema/required', `required: expected ${describeExpected([issue])}`)
      return one(
        'schema/type',
        mismatch([issue], found, path, context),
        inBrackets(issue, found, context.quotable(path)),
      )
    case 'invalid_value':
      if (missing) return one('schema/required', `required: expected ${describeExpected([issue])}`)
      return [ofValues(issue.values, found, path, issue.path, context)]
    case 'invalid_union':
      if ('options' in issue && issue.options !== undefined) {
        // a branch may be meant without its word
        const options = issue.options.filter((option) => option !== undefined)
        if (missing) return one('schema/required', `required: expected ${listWords(options)}`)
        return [ofValues(options, found, path, issue.path, context)]
      }
      if (issue.errors.length === 0) return one('schema/value', 'expected exactly one of the forms')
      return ofUnion(issue, path, found, context)
    case 'invalid_key': {
      const said = issue.issues.map((inner) => checkMessage(inner)).join('; ')
      return [{ path, key: true, fault: shapeFault('schema/value', path, `as a key, ${said}`) }]
    }
    case 'invalid_element':
      return ofIssues(issue.issues, { ...context, schemas: [], base: path })
    case 'invalid_format':
    case 'custom': {
      const { rule, hint } = issue.code === 'custom' ? (issue.params ?? {}) : {}
      const said = checkMessage(issue)
      const kinds = rule === undefined ? otherKinds(found, issue.path, context) : []
      if (kinds.length > 0 && said.startsWith('expected ')) {
        const expected = listWords([...new Set(kinds), said.slice('expected '.length)], '')
        const got = describeFound(found, context.quotable(path))
        return one('schema/type', `expected ${expected}, got ${got}`)
      }
      return one(
        typeof rule === 'string' ? rule : 'schema/value',
        said,
        typeof hint === 'string' ? hint : undefined,
      )
    }
    default:
      return one('schema/value', checkMessage(issue))
  }
}

// A union tells only of its branch for text when text was found; `5m` may have been meant for another.
function otherKinds(found: unknown, below: readonly PropertyKey[], context: Context): string[] {
  if (typeof found !== 'string') return []
  return schemasAt(context.schemas, below)
    .flatMap(describeSchema)
    .filter((kind) => kind !== 'text')
}

function ofValues(
  values: readonly unknown[],
  found: unknown,
  path: Path,
  below: readonly PropertyKey[],
  context: Context,
): SchemaFault {
  const issue = { code: 'invalid_value', values } as Issue
  if (typeof found !== 'string') {
    return { path, fault: shapeFault('schema/type', path, mismatch([issue], found, path, context)) }
  }
  const title = schemasAt(context.schemas, below)
    .map((schema) => titleOf(schema))
    .find((noun) => noun !== undefined)
  const quoted = context.quotable(path) ? quote(found) : undefined
  const noun = title ?? (typeof path.at(-1) === 'string' ? 'value' : 'entry')
  const near = nearest(found, values.map(String))
  const hint = near === undefined ? `expected ${listWords(values)}` : `did you mean ${near}?`
  const subject = quoted === undefined ? 'this' : quoted
  return {
    path,
    fault: shapeFault('schema/enum', path, `${subject} is not a supported ${noun}`, hint),
  }
}

function titleOf(schema: z.core.$ZodType): string | undefined {
  const meta = (schema as { meta?: () => { title?: string } | undefined }).meta?.()
  return meta?.title?.toLowerCase()
}

function mismatch(issues: readonly Issue[], found: unknown, path: Path, context: Context): string {
  return `expected ${describeExpected(issues)}, got ${describeFound(found, context.quotable(path))}`
}

/** What to write in place of a text where a list stands. */
function inBrackets(issue: Issue, found: unknown, quotable: boolean): string | undefined {
  const isAlone = issue.code === 'invalid_type' && issue.expected === 'array'
  return isAlone && quotable && typeof found === 'string' && /^\w[\w./-]{0,39}$/.test(found)
    ? `write [${found}]`
    : undefined
}

function isWord(schema: z.core.$ZodType): boolean {
  return schema._zod.values !== undefined
}

function ofUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  found: unknown,
  context: Context,
): SchemaFault[] {
  const options = unionAt(context.schemas, issue.path, issue.errors.length)
  const branches = issue.errors.map((issues, index) => ({
    issues,
    schemas: options?.[index] === undefined ? [] : [options[index]],
    distance: distanceOf(issues, found),
  }))
  const missing = found === undefined && path.length > 0
  if (missing) {
    const expected = describeExpected(issue.errors.flat())
    return [{ path, fault: shapeFault('schema/required', path, `required: expected ${expected}`) }]
  }
  const least = branches.map(({ distance }) => distance).reduce(lesser)
  const best = branches.filter(({ distance }) => compareDistance(distance, least) === 0)
  const inner = (branch: (typeof branches)[number]) =>
    ofIssues(branch.issues, { ...context, schemas: branch.schemas, base: path })
  const [only] = best
  if (best.length === 1 && only && (least[0] ?? 0) < 2) {
    // a text may have been meant for a word of another branch
    const words = typeof found === 'string' ? options?.filter(isWord) : undefined
    return inner(words?.length ? { ...only, schemas: words } : only)
  }
  if ((least[0] ?? 0) > 0) {
    const roots = branches.flatMap(({ issues }) => issues)
    const values = roots.flatMap((root) => (root.code === 'invalid_value' ? root.values : []))
    if (typeof found === 'string' && least[0] === 1) {
      return [ofValues(values, found, path, issue.path, context)]
    }
    return [{ path, fault: shapeFault('schema/type', path, mismatch(roots, found, path, context)) }]
  }
  return ofTie(
    best.map(inner),
    best.flatMap(({ schemas }) => schemas),
    path,
    found,
  )
}

// Branches that the value is equally far from: what they have in common is what can be said.
function ofTie(
  branches: readonly SchemaFault[][],
  schemas: readonly z.core.$ZodType[],
  path: Path,
  found: unknown,
): SchemaFault[] {
  const [first = []] = branches
  const unknown = first.filter(({ fault }) => fault.rule === 'schema/unknown-key')
  if (unknown.length > 0) {
    const names = unknown.map((entry) => String(entry.path.at(-1)))
    const allowed = keysOf(schemasAt(schemas, []), found)
    if (!names.every((name) => allowed.includes(name))) return unknownKeys(names, path, allowed)
    const refused = new Set(branches.flat().map((entry) => entry.path.at(-1)))
    const rivals = Object.keys(found as object).filter((name) => refused.has(name))
    const text = `expected exactly one of ${listWords(rivals, '')}`
    return [{ path, fault: shapeFault('schema/value', path, text, 'keep one') }]
  }
  const missing = branches.map((faults) =>
    faults
      .filter(({ fault }) => fault.rule === 'schema/required')
      .map((entry) => entry.path.at(-1)),
  )
  if (missing.some((names) => names.length === 0)) return first
  const names = listWords([...new Set(missing.flat())], '')
  return [{ path, fault: shapeFault('schema/required', path, `expected ${names}`) }]
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}
