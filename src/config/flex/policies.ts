import type { Path } from '../../kind.ts'
import { nameHint } from '../../nearest.ts'
import { valueAt } from '../../value-at.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { typeDocument } from '../typed-document.ts'
import type { SourceDocument } from '../yaml/index.ts'
import { bindingRoutes, type FlexSurroundings } from './binding.ts'
import { checkResource } from './check-resource.ts'
import { partOf, viewOf } from './document-view.ts'
import { createDraft, type FinishedDraft } from './draft.ts'
import { type FlexEntry, flexEntries, policyNameAt } from './entries.ts'
import { POLICY_NAMES, policyKind } from './policy-kinds.ts'
import { type FlexVariable, resolveVariables } from './resolved-document.ts'
import { policyListSchema } from './resource-schema.ts'
import { placedRules, putRules } from './rules.ts'
import { translateText } from './translate-text.ts'

export type { FlexOriginal } from './draft.ts'

/** A policy of a Flex file as a document of ours, whose places are those of the Flex file. */
export interface FlexPolicy extends FinishedDraft {
  /** True when its ApiInstance was left out, so that it has no route: it must not apply anywhere. */
  readonly isLost: boolean
}

/** What is around the policies. */
export interface FlexOptions extends FlexSurroundings {
  readonly variable: FlexVariable
}

/**
 * The policies in Flex documents, as documents of our own, not whole where something has no translation. Everything
 * wrong with the documents is added to `diagnostics`; the address and services of an ApiInstance are looked at by
 * `flexApis`.
 */
export function flexPolicies(
  documents: readonly SourceDocument[],
  options: FlexOptions,
  diagnostics: Diagnostic[],
): FlexPolicy[] {
  const fitting = new Set(
    documents.filter((document) => checkResource(document, options, diagnostics)),
  )
  return flexEntries(documents).flatMap((entry) => {
    const policy = writePolicy(entry, options, diagnostics)
    return policy && fitting.has(entry.document) ? [policy] : []
  })
}

function writePolicy(
  entry: FlexEntry,
  options: FlexOptions,
  diagnostics: Diagnostic[],
): FlexPolicy | undefined {
  const { document, at, name, nameAt, order, orderAt } = entry
  const refAt = policyNameAt(document, at)
  const ref = valueAt(document.value, refAt)
  if (typeof ref !== 'string') return undefined
  const kind = policyKind(ref)
  if (!kind) {
    diagnostics.push(document.diagnostic(refAt, unknownPolicy(ref)))
    return undefined
  }
  const configAt = [...at, 'config']
  const before = diagnostics.length
  const around = withDefault(partOf(document, configAt))
  const config = resolveVariables(around, { ...options, ...kind }, diagnostics)
  const isResolved = diagnostics.length === before
  const typed = typeDocument(kind.schema, config, diagnostics)
  if (typed === undefined) {
    checkExpressions(config, kind.secrets, diagnostics)
    return undefined
  }
  const draft = createDraft(document, refAt, diagnostics)
  draft.put(['name'], name, nameAt)
  if (order !== undefined) draft.put(['order'], order, orderAt)
  const bound = bindingRoutes(entry, options, draft)
  if (bound?.routes) draft.put(['match', 'route'], [...bound.routes], bound.at)
  const rules = placedRules(rulesOf(document, at), [...at, 'rules'])
  putRules(['match', 'rules'], rules, bound?.basePath ?? '', draft)
  kind.write(typed, draft, configAt)
  const finished = draft.finish()
  const isWhole = finished.isWhole && isResolved
  return { ...finished, isWhole, isLost: bound?.isLost === true }
}

function withDefault(config: SourceDocument): SourceDocument {
  return config.value == null ? viewOf(config, { value: {}, from: (path) => path }) : config
}

/** The rules of one policy, when they fit. */
function rulesOf(document: SourceDocument, at: Path) {
  const { policyRef, rules } = (valueAt(document.value, at) ?? {}) as Record<string, unknown>
  const fitting = policyListSchema.safeParse({ policyRef, rules }).data
  return fitting && !Array.isArray(fitting) ? fitting.rules : undefined
}

function unknownPolicy(ref: string) {
  const hint = nameHint(ref, POLICY_NAMES, 'policies', '')
  return {
    severity: 'error',
    rule: 'flex/policy',
    message: `expected a policy that runs here, "${ref}" does not`,
    hint,
  } as const
}

/** Reports the expressions that have no translation in a config that does not fit its schema. */
function checkExpressions(
  config: SourceDocument,
  secrets: readonly string[],
  diagnostics: Diagnostic[],
): void {
  const walk = (value: unknown, path: Path): void => {
    if (typeof value === 'string' && value.startsWith('#[')) {
      translateText(value, (fault) => {
        if (fault.severity === 'error') diagnostics.push(config.diagnostic(path, fault))
      })
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value)) {
        if (path.length > 0 || !secrets.includes(name)) {
          walk(part, [...path, Array.isArray(value) ? Number(name) : name])
        }
      }
    }
  }
  walk(config.value, [])
}
