import { join } from 'node:path'
import { createNames, type SourceDocument, writeDocuments } from '../../config/index.ts'
import { GATEWAY_FILE } from '../../defaults.ts'
import { findingItem } from '../finding-item.ts'
import { type Imported, type ImportTarget, judged } from '../imported.ts'
import { createAccounts } from './account.ts'
import { translateRule } from './rule.ts'

/** What outbound JWT rules are translated with. */
export interface OutboundJwtOptions extends ImportTarget {
  /** Milliseconds since 1970: decides whether a constant expiry is over. */
  readonly now: number
  /** Where everything goes; left out, the gateway file has no route. */
  readonly upstream?: string | undefined
}

/** Translates outbound JWT rules, one a document: a policy each, and their accounts in a gateway file. */
export function importOutboundJwt(
  documents: readonly SourceDocument[],
  options: OutboundJwtOptions,
): Imported {
  const { out, upstream } = options
  const nameOf = createNames()
  const accounts = createAccounts(options)
  const rules = documents.map((document) => {
    return translateRule(document, { ...options, accounts, nameOf })
  })
  const gateway = {
    ...(upstream !== undefined && { routes: [{ name: 'all', upstream }] }),
    ...(Object.keys(accounts.kept()).length > 0 && { accounts: accounts.kept() }),
  }
  const file = join(out, GATEWAY_FILE)
  const aboutGateway = (options.findings ?? []).filter((finding) => finding.file === file)
  return {
    items: [
      ...rules.flatMap(({ items }) => items),
      ...judged(
        aboutGateway.map((finding) => findingItem(finding)),
        options,
      ),
    ],
    files: [
      ...accounts.files(),
      ...rules.map(({ value, comments }) => ({
        path: join(out, 'policies', `${value.name}.yaml`),
        text: writeDocuments([{ value, comments }]),
      })),
      ...(Object.keys(gateway).length > 0
        ? [{ path: file, text: writeDocuments([{ value: gateway }]) }]
        : []),
    ],
  }
}
