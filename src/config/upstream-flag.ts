import type { Diagnostic } from './diagnostic.ts'
import { type GatewayFile, typeGateway } from './gateway-file.ts'
import { upstreamUrl } from './upstream-schema.ts'
import { parseDocuments } from './yaml/index.ts'

const NAME = '--upstream'

/**
 * The flag as a gateway file (JSON is YAML) whose one route leads there; undefined after its fault, which shows nothing
 * of the URL, was added to `diagnostics`.
 */
export function readUpstreamFlag(
  upstream: string,
  diagnostics: Diagnostic[],
): GatewayFile | undefined {
  const { error } = upstreamUrl.safeParse(upstream)
  const [issue] = error?.issues ?? []
  if (issue) {
    const { rule = 'schema/value' } = issue.code === 'custom' ? (issue.params ?? {}) : {}
    const place = { file: NAME, line: 1, column: 1 }
    diagnostics.push({ ...place, severity: 'error', rule: String(rule), message: issue.message })
    return undefined
  }
  const text = JSON.stringify({ routes: [{ name: 'default', upstream }] })
  const [document] = parseDocuments(NAME, text).documents
  return document && typeGateway(document, diagnostics)
}
