import type { SourceOptions } from '../../src/credentials/index.ts'

/** A policy that stands alone: no accounts, no cache of its own. */
export const sourceOptions: SourceOptions = {
  accounts: new Map(),
  onRenewalFailure: () => undefined,
}
