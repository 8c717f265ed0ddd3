import type { Diagnostic } from '../diagnostic.ts'
import { gatewayPlace } from '../gateway-place.ts'
import { type GatewaySource, readGatewaySource } from '../gateway-source.ts'
import type { KeptGateway } from './kept.ts'
import { isSameBasis, type TracedReads } from './traced-reads.ts'

type Follow = Parameters<typeof readGatewaySource>[1]['follow']

/** What is at a `--config` path in one reading. */
export interface ReadGateway extends KeptGateway {
  /** True when it is what the reading before found: what was made with it may be kept. */
  readonly isSame: boolean
}

/** Reads what is at a `--config` path, unless it is what the reading before found there. Rejects with `UnreadableError`. */
export async function keepGateway(
  path: string | undefined,
  before: KeptGateway | undefined,
  { traced, follow }: { readonly traced: TracedReads; readonly follow: Follow },
): Promise<ReadGateway> {
  const { file } = path === undefined ? {} : await gatewayPlace(path)
  // the files of a Flex gateway are policies, too
  const isFile = before !== undefined && file !== undefined && before.file === file
  if (isFile && (await traced.holds(before.basis))) return { ...before, isSame: true }
  const diagnostics: Diagnostic[] = []
  const { result: source, basis } = await traced.trace(
    (): Promise<GatewaySource> =>
      readGatewaySource(path, { environment: traced.environment, follow }, diagnostics),
  )
  const isSame = before !== undefined && isSameBasis(before.basis, basis)
  return { file, source, diagnostics, basis, isSame }
}
