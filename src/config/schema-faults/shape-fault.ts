import type { Fault, Path } from '../../kind.ts'
import { nearest } from '../../nearest.ts'
import { isSecretPath } from '../secret-key.ts'
import { listWords } from './expectation.ts'

/** A fault of a document's shape, and where it is. */
export interface SchemaFault {
  readonly path: Path
  /** True when it is about the key at `path`, not about its value. */
  readonly key?: boolean
  readonly fault: Fault
}

/** A fault that knows which key was meant. */
interface Suggestion extends Fault {
  readonly meant?: string
}

/** A fault whose message begins with the dotted path: `jwt.aud[1]: …`. */
export function shapeFault(rule: string, path: Path, text: string, hint?: string): Fault {
  const where = dotted(path)
  const message = where === '' ? text : `${where}: ${text}`
  return { severity: 'error', rule, message, ...(hint === undefined ? {} : { hint }) }
}

/**
 * A fault for each key that is none of the allowed ones, with the one that was likely meant. At a secret path the
 * key is not quoted: it may be the secret.
 */
export function unknownKeys(
  keys: readonly string[],
  path: Path,
  allowed: readonly string[],
): SchemaFault[] {
  return keys.map((name) => {
    const at = [...path, name]
    const told = isSecretPath(path) ? path : at
    const near = nearest(name, allowed)
    const list =
      allowed.length > 0 && allowed.length <= 12 ? `expected ${listWords(allowed, '')}` : undefined
    const hint = near === undefined ? list : `did you mean ${near}?`
    const meant = near === undefined ? {} : { meant: dotted([...path, near]) }
    return {
      path: at,
      key: true,
      fault: { ...shapeFault('schema/unknown-key', told, 'unknown key', hint), ...meant },
    }
  })
}

/** The faults, but for a missing key that an unknown one was meant to be: that is one mistake, not two. */
export function withoutMeant(faults: readonly SchemaFault[]): SchemaFault[] {
  const meant = new Set(faults.flatMap(({ fault }) => (fault as Suggestion).meant ?? []))
  return faults
    .filter(({ path, fault }) => !(fault.rule === 'schema/required' && meant.has(dotted(path))))
    .map((found) => {
      const { meant: _meant, ...fault } = found.fault as Suggestion
      return { ...found, fault }
    })
}

function dotted(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('')
}
