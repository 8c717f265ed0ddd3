import { join } from 'node:path'
import {
  type Diagnostic,
  type FlexPolicy,
  isFlex,
  readFlex,
  type SourceDocument,
} from '../../config/index.ts'
import { GATEWAY_FILE } from '../../defaults.ts'
import type { JsonObject } from '../../types.ts'
import { valueAt } from '../../value-at.ts'
import { findingItem } from '../finding-item.ts'
import {
  type Imported,
  type ImportedItem,
  type ImportTarget,
  judged,
  needsPerson,
} from '../imported.ts'
import { gatewayFile } from './gateway.ts'
import { importFlexPolicy } from './policy.ts'

const NO_ROUTE = 'switched off: no route says which requests it is meant for'

/** Translates Flex or Omni Gateway documents that belong together; `$NAME` becomes a reference to the variable. */
export function importFlex(documents: readonly SourceDocument[], target: ImportTarget): Imported {
  const diagnostics: Diagnostic[] = []
  const { apis, policies } = readFlex(documents, (name) => `\${${name}}`, diagnostics)
  const foreign = documents.filter(({ value }) => !isFlex(value))
  const complete = foreign.length === 0 && !diagnostics.some(isError)
  const hasApi = documents.some(({ value }) => valueAt(value, ['kind']) === 'ApiInstance')
  const { first, repeated } = byName(policies)
  const made = first.map((policy) => {
    const { match } = policy.document.value as { match?: { route?: unknown } }
    // an ApiInstance that is missing must not make its policies apply everywhere
    const mayApply = !policy.isLost && (complete || !hasApi || match?.route !== undefined)
    return importFlexPolicy(policy, { ...target, ...(!mayApply && { switchedOff: NO_ROUTE }) })
  })
  const gateway = join(target.out, GATEWAY_FILE)
  const aboutGateway = (target.findings ?? []).filter(({ file }) => file === gateway)
  const around = [
    ...foreign.map(foreignItem),
    ...apis.map(({ name, document }): ImportedItem => {
      const { line } = document.locate([])
      return {
        file: document.file,
        line,
        item: `${name}: listener and routes`,
        state: 'translated',
      }
    }),
    ...repeated.map(repeatedItem),
    ...diagnostics.filter(({ rule }) => rule !== TRANSLATED).map(itemOf),
    ...aboutGateway.map((finding) => findingItem(finding)),
  ]
  const items = [...judged(around, target), ...made.flatMap((imported) => imported.items)]
  const finished = !items.some(needsPerson)
  return {
    items: items.toSorted((a, b) => compare(a.file, b.file) || a.line - b.line),
    files: [
      ...made.flatMap((imported) => imported.files),
      ...(apis.length > 0
        ? [{ path: gateway, text: gatewayFile(apis, { complete: finished }) }]
        : []),
    ],
  }
}

/** Told beside the text that was translated. */
const TRANSLATED = 'flex/translated'

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error'
}

function itemOf(diagnostic: Diagnostic): ImportedItem {
  const { file, line, rule, message, hint } = diagnostic
  const note = hint === undefined ? message : `${message}; ${hint}`
  return { file, line, item: rule, state: isError(diagnostic) ? 'person' : 'notice', note }
}

function foreignItem(document: SourceDocument): ImportedItem {
  const { line } = document.locate([])
  const note = 'expected a document for a Flex or Omni Gateway'
  return { file: document.file, line, item: 'document', state: 'person', note }
}

/** The first policy of each name, and the others. */
function byName(policies: readonly FlexPolicy[]) {
  const first = new Map<unknown, FlexPolicy>()
  const repeated: FlexPolicy[] = []
  for (const policy of policies) {
    const { name } = policy.document.value as JsonObject
    if (first.has(name)) repeated.push(policy)
    else first.set(name, policy)
  }
  return { first: [...first.values()], repeated }
}

function repeatedItem({ document }: FlexPolicy): ImportedItem {
  const { name } = document.value as { name: string }
  const { line } = document.locate(['name'])
  const note = 'another policy has the name: give the resource or its file another one'
  return { file: document.file, line, item: name, state: 'person', note }
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
