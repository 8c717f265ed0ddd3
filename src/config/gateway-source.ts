import { dirname, isAbsolute, join } from 'node:path'
import type { Diagnostic } from './diagnostic.ts'
import type { FlexApi } from './flex/index.ts'
import { readFlexGateway } from './flex-gateway.ts'
import type { FollowedLinks } from './followed-links.ts'
import { type GatewayFile, readGatewayFile } from './gateway-file.ts'
import { gatewayPlace } from './gateway-place.ts'

/** What a `--config` path held: a gateway file, or the ApiInstances of a folder of Flex files. */
export interface GatewaySource {
  /** Absent without one, and for one that does not parse. */
  readonly file?: GatewayFile | undefined
  /** True for a gateway file that does not parse: it may hold anything. */
  readonly isUnknown: boolean
  readonly apis?: readonly FlexApi[]
  /** What holds the routes: the gateway file, or each ApiInstance as one. */
  readonly parts: readonly GatewayFile[]
  /** Where the policies are when no flag says so. */
  readonly policies: string
}

/** Reads what is at a `--config` path; without one there is nothing. Rejects with `UnreadableError`. */
export async function readGatewaySource(
  path: string | undefined,
  links: Pick<FollowedLinks, 'environment' | 'follow'>,
  diagnostics: Diagnostic[],
): Promise<GatewaySource> {
  if (path === undefined) return { isUnknown: false, parts: [], policies: POLICIES }
  const { file: place = '', flexFolder } = await gatewayPlace(path)
  if (flexFolder !== undefined) {
    const { apis, files } = await readFlexGateway(flexFolder, links, diagnostics)
    return { isUnknown: false, apis, parts: files, policies: flexFolder }
  }
  const file = await readGatewayFile(place, links.environment, diagnostics)
  return {
    file,
    isUnknown: !file && diagnostics.some(({ severity }) => severity === 'error'),
    parts: file ? [file] : [],
    policies: beside(place, file?.policies ?? POLICIES),
  }
}

const POLICIES = 'policies'

function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}
