import { type Environment, type FilePermissions, withReadFile } from '../../environment.ts'
import { outcomeOf } from '../recorded-reads.ts'

/** What something that was made of files took from its environment: while it is all the same, so is what was made. */
export interface Basis {
  /** Environment variables. */
  readonly variables: ReadonlyMap<string, string | undefined>
  /** How reading each file ended, by path and limit. */
  readonly files: ReadonlyMap<string, string>
  /** Who may use each file, by path. */
  readonly permissions: ReadonlyMap<string, string>
  /** True when it asked for the time or for a random value: it is the same never again. */
  readonly isOfMoment: boolean
}

/** An environment that tells what was taken from it during one reading of the files. */
export interface TracedReads {
  /** Reads each file once, so that all that is made of it is of one content. */
  readonly environment: Environment
  /** What `act` takes; one at a time. */
  trace<Result>(
    act: () => Result,
  ): Promise<{ readonly result: Awaited<Result>; readonly basis: Basis }>
  /** True when it is all there again in this reading. */
  holds(basis: Basis): boolean | Promise<boolean>
  /** Ends the reading: files are read anew from now on, and nothing is traced. */
  end(): void
}

const NONE: ReadonlyMap<string, string> = new Map()
const NOTHING: Basis = { variables: NONE, files: NONE, permissions: NONE, isOfMoment: false }

/** Traces what is taken from an environment. */
export function traceReads(environment: Environment): TracedReads {
  const contents = new Map<string, Promise<Buffer>>()
  const allowed = new Map<string, Promise<FilePermissions>>()
  let hasEnded = false
  let variables = new Map<string, string | undefined>()
  let files = new Map<string, string>()
  let permissions = new Map<string, string>()
  let isOfMoment = false

  function readOnce(id: string): Promise<Buffer> {
    const [path, limit] = JSON.parse(id) as [path: string, limit: number | null]
    const reading = contents.get(id) ?? environment.readFile(path, limit ?? undefined)
    contents.set(id, reading)
    return reading
  }

  function permissionsOf(path: string): Promise<FilePermissions> {
    const asking = allowed.get(path) ?? environment.permissions(path)
    allowed.set(path, asking)
    return asking
  }

  const reading = withReadFile(environment, async (path, limit) => {
    if (hasEnded) return environment.readFile(path, limit)
    const id = JSON.stringify([path, limit])
    const bytes = readOnce(id)
    files.set(id, await outcomeOf(bytes))
    return bytes
  })
  const momentary = <Name extends 'now' | 'monotonic' | 'uuid' | 'random'>(name: Name) => {
    isOfMoment = true
    return reading[name]
  }

  return {
    environment: {
      ...reading,
      get now() {
        return momentary('now')
      },
      get monotonic() {
        return momentary('monotonic')
      },
      get uuid() {
        return momentary('uuid')
      },
      get random() {
        return momentary('random')
      },
      variable(name) {
        const value = environment.variable(name)
        if (!hasEnded) variables.set(name, value)
        return value
      },
      async permissions(path) {
        if (hasEnded) return environment.permissions(path)
        const asking = permissionsOf(path)
        permissions.set(path, await toldOf(asking))
        return asking
      },
    },
    async trace(act) {
      variables = new Map()
      files = new Map()
      permissions = new Map()
      isOfMoment = false
      const result = await act()
      const isNothing = variables.size + files.size + permissions.size === 0 && !isOfMoment
      const basis = isNothing ? NOTHING : { variables, files, permissions, isOfMoment }
      return { result, basis }
    },
    holds(basis) {
      if (basis === NOTHING) return true
      if (basis.isOfMoment) return false
      for (const [name, value] of basis.variables) {
        if (environment.variable(name) !== value) return false
      }
      return basis.files.size + basis.permissions.size === 0 || haveStayed(basis)
    },
    end() {
      hasEnded = true
      contents.clear()
      allowed.clear()
    },
  }

  async function haveStayed(basis: Basis): Promise<boolean> {
    for (const [id, outcome] of basis.files) {
      if ((await outcomeOf(readOnce(id))) !== outcome) return false
    }
    for (const [path, found] of basis.permissions) {
      if ((await toldOf(permissionsOf(path))) !== found) return false
    }
    return true
  }
}

function toldOf(asking: Promise<FilePermissions>): Promise<string> {
  return asking.then(
    (found) => JSON.stringify(found),
    ({ code }) => String(code),
  )
}

/** True when two things took the same from their environment. */
export function isSameBasis(one: Basis, other: Basis): boolean {
  return (
    !one.isOfMoment &&
    !other.isOfMoment &&
    areEqual(one.variables, other.variables) &&
    areEqual(one.files, other.files) &&
    areEqual(one.permissions, other.permissions)
  )
}

function areEqual<Value>(
  one: ReadonlyMap<string, Value>,
  other: ReadonlyMap<string, Value>,
): boolean {
  if (one.size !== other.size) return false
  return [...one].every(([key, value]) => other.has(key) && other.get(key) === value)
}
