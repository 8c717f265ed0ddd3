import type { Fault } from '../../kind.ts'
import { nameHint } from '../../nearest.ts'
import { valueAt } from '../../value-at.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { typeDocument } from '../typed-document.ts'
import type { SourceDocument } from '../yaml/index.ts'
import type { FlexSurroundings } from './binding.ts'
import { apiSchema, bindingSchema, policyListSchema } from './resource-schema.ts'

/**
 * Parts of a Configuration by which nothing that is forwarded or injected changes: where logs and metrics go, what
 * replicas share, and how the gateway registers. TLS, proxies and the rest would, so they are errors.
 */
const INERT = ['logging', 'sharedStorage', 'internalMetrics', 'platformConnection', 'probe']

/** Checks the frame of a Flex document: kind, names, known keys. False after an error was reported. */
export function checkResource(
  document: SourceDocument,
  { apis }: FlexSurroundings,
  diagnostics: Diagnostic[],
): boolean {
  const kind = valueAt(document.value, ['kind'])
  switch (kind) {
    case undefined:
      return typeDocument(policyListSchema, document, diagnostics) !== undefined
    case 'PolicyBinding':
      return typeDocument(bindingSchema, document, diagnostics) !== undefined
    case 'ApiInstance':
      if (!apis) diagnostics.push(document.diagnostic(['spec', 'address'], UNUSED))
      return typeDocument(apiSchema, document, diagnostics) !== undefined
    case 'Configuration':
      return checkConfiguration(document, diagnostics)
    default:
      diagnostics.push(document.diagnostic(['kind'], unknownKind(kind)))
      return false
  }
}

function checkConfiguration(document: SourceDocument, diagnostics: Diagnostic[]): boolean {
  const spec = valueAt(document.value, ['spec'])
  const parts = typeof spec === 'object' && spec !== null ? Object.keys(spec) : []
  const unknown = parts.filter((part) => !INERT.includes(part))
  for (const part of unknown) {
    const message = `expected no "${part}" in a Configuration: it has no equal here`
    const hint = nameHint(part, INERT, 'without effect here', '')
    const fault = { severity: 'error', rule: 'flex/configuration', message, hint } as const
    diagnostics.push(document.diagnostic(['spec', part], fault, { key: true }))
  }
  if (unknown.length === 0) diagnostics.push(document.diagnostic(['kind'], WITHOUT_EFFECT))
  return unknown.length === 0
}

function unknownKind(kind: unknown): Fault {
  const name = typeof kind === 'string' ? `"${kind}"` : 'this'
  return {
    severity: 'error',
    rule: 'flex/kind',
    message: `expected ApiInstance, PolicyBinding or Configuration, ${name} is not read here`,
    hint:
      kind === 'Service'
        ? 'write its address under spec.services of the ApiInstance'
        : 'take the document out of the folder when it concerns nothing that runs here',
  }
}

const WITHOUT_EFFECT: Fault = {
  severity: 'notice',
  rule: 'flex/configuration',
  message: 'logging, metrics, storage and registration of a Flex gateway have no effect here',
}

const UNUSED: Fault = {
  severity: 'notice',
  rule: 'flex/unused',
  message: 'address and services are not used: routes come from the gateway file or --upstream',
  hint: 'give the folder as --config to use them',
}
