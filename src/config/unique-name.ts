import type { Path, Scope } from '../kind.ts'

/** Reports, at `path` of a document, a name that was given to it before; undefined is no name. */
export type CheckName = (name: string | undefined, scope: Scope, path: Path) => void

/** Checks that names are given once; `verb` says what one does: `names the policy`. */
export function createNameCheck(rule: string, verb: string): CheckName {
  const places = new Map<string, { readonly scope: Scope; readonly path: Path }>()
  return (name, scope, path) => {
    if (name === undefined) return
    const first = places.get(name)
    if (!first) {
      places.set(name, { scope, path })
      return
    }
    const earlier = first.scope.locate(first.path)
    scope.report(path, {
      severity: 'error',
      rule,
      message: `expected a name of its own, "${name}" ${verb} at ${earlier}`,
      hint: 'choose another name',
    })
  }
}
