import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import { type GatewayConfig, gatewaySchema } from './gateway-schema.ts'
import { readDocuments } from './read-documents.ts'
import { typeDocument } from './typed-document.ts'
import type { SourceDocument } from './yaml/index.ts'

/** A gateway file that was read. */
export interface GatewayFile {
  readonly document: SourceDocument
  /** Absent when the document does not fit the schema. */
  readonly config: GatewayConfig | undefined
  /** Where it says that the policies are, even when the rest of it is wrong. */
  readonly policies: string | undefined
  /** What routes and policies refer to, as written, even when the rest of it is wrong. */
  readonly authenticators: unknown
  readonly accounts: unknown
  readonly caches: unknown
}

/**
 * Reads the one document of a gateway file; undefined when there is none. What is wrong is added to
 * `diagnostics`. Rejects with `UnreadableError`.
 */
export async function readGatewayFile(
  path: string,
  environment: Environment,
  diagnostics: Diagnostic[],
): Promise<GatewayFile | undefined> {
  const [document, second] = await readDocuments(path, environment, diagnostics, {
    variable: environment.variable,
    switches: ['management', 'admin', 'routes[].upstream.breaker'],
  })
  if (second) {
    const message = 'expected one document in a gateway file'
    const fault = { severity: 'error', rule: 'gateway/documents', message } as const
    diagnostics.push(second.diagnostic([], fault))
  }
  return document && typeGateway(document, diagnostics)
}

/** A document as a gateway file. */
export function typeGateway(document: SourceDocument, diagnostics: Diagnostic[]): GatewayFile {
  const config = typeDocument(gatewaySchema, document, diagnostics)
  const { policies, authenticators, accounts, caches } = (document.value ?? {}) as Partial<
    Record<string, unknown>
  >
  return {
    document,
    config,
    policies: typeof policies === 'string' ? policies : undefined,
    authenticators,
    accounts,
    caches,
  }
}
