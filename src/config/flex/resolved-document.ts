import { isDeepStrictEqual } from 'node:util'
import type { Path } from '../../kind.ts'
import { SECRET_REFERENCE } from '../../secret.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { SourceDocument } from '../yaml/index.ts'
import { viewOf } from './document-view.ts'

/** What `$NAME` stands for; undefined when the variable is not set. */
export type FlexVariable = (name: string) => string | undefined

const REFERENCE = /^\$([A-Za-z_][A-Za-z0-9_]*)$/

/**
 * The name in a text that is one `$NAME` and nothing else. The «Declarative Configuration Reference Guide» shows no
 * reference inside of text, so a dollar sign there is one.
 */
export function referenceIn(
  document: SourceDocument,
  path: Path,
  text: unknown,
): string | undefined {
  if (typeof text !== 'string' || !document.verbatim(path)) return undefined
  return REFERENCE.exec(text)?.[1]
}

/** What is known of the members of a `config`. */
interface ResolveOptions {
  readonly variable: FlexVariable
  /** Members that hold a secret: what they refer to is read where the secret is. */
  readonly secrets: readonly string[]
  /** Members that hold a number or boolean, which the text of a variable is read as. */
  readonly scalars: readonly string[]
  /** Members that hold one of several words. */
  readonly choices?: readonly string[] | undefined
}

/**
 * The `config` of a policy with every `$NAME` replaced by what it stands for; one that stands for nothing is reported.
 */
export function resolveVariables(
  config: SourceDocument,
  { variable, secrets, scalars, choices = [] }: ResolveOptions,
  diagnostics: Diagnostic[],
): SourceDocument {
  const replaced = new Set<string>()
  const settings = [...scalars, ...choices]
  const value = walk(config.value, [])
  if (isDeepStrictEqual(value, config.value)) return config
  const view = viewOf(config, { value, from: (path) => path })
  return {
    ...view,
    verbatim: (path) => !replaced.has(JSON.stringify(path)) && view.verbatim(path),
  }

  function walk(part: unknown, path: Path): unknown {
    if (Array.isArray(part)) return part.map((entry, index) => walk(entry, [...path, index]))
    if (typeof part === 'object' && part !== null) {
      const copy: Record<string, unknown> = Object.create(null)
      for (const [name, entry] of Object.entries(part)) {
        copy[name] =
          path.length === 0 && secrets.includes(name) ? entry : walk(entry, [...path, name])
      }
      return copy
    }
    const name = referenceIn(config, path, part)
    if (name === undefined) return part
    const text = variable(name)
    const [setting, below] = path.map(String)
    const isSetting = below === undefined && setting !== undefined && settings.includes(setting)
    const fault =
      text === undefined
        ? unset(name)
        : isSetting && text === referenceTo(name) && unknown(name, setting)
    if (fault) diagnostics.push(config.diagnostic(path, fault))
    // a setting that is left out has its default, so that its absence is no second fault
    if (fault || text === undefined) return isSetting ? undefined : part
    replaced.add(JSON.stringify(path))
    return isSetting && scalars.includes(setting) ? scalar(text) : text
  }
}

function scalar(text: string): unknown {
  if (/^(?:true|false)$/.test(text)) return text === 'true'
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

/** How a file of ours refers to a variable, which is then not known yet. */
function referenceTo(name: string): string {
  return `\${${name}}`
}

/** True when a text holds such a reference. */
export function refersToVariable(text: string): boolean {
  return /\$\{[A-Za-z_]/.test(text)
}

function unknown(name: string, setting: string) {
  return {
    severity: 'error',
    rule: 'flex/variable',
    message: `expected ${setting} itself: what the environment variable "${name}" holds is not known here`,
    hint: `write ${setting} in place of $${name}`,
  } as const
}

function unset(name: string) {
  const isName = SECRET_REFERENCE.env.test(name)
  return {
    severity: 'error',
    rule: 'env/unset',
    message: `expected a value in ${isName ? `environment variable "${name}"` : 'an environment variable'}, which is not set`,
    hint: isName ? `set ${name}` : 'set it',
  } as const
}
