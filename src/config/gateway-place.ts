import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GATEWAY_FILE } from '../defaults.ts'
import type { Environment } from '../environment.ts'
import { isMap } from '../is-map.ts'
import { holdsApi } from './flex-gateway.ts'
import { gatewaySchema } from './gateway-schema.ts'
import { policySchema } from './policy-schema.ts'
import { readDocuments } from './read-documents.ts'

/** What a `--config` path leads to. */
export interface GatewayPlace {
  readonly file?: string
  /** A folder without a gateway file. */
  readonly flexFolder?: string
}

/** The gateway file at a path or in the folder there; a folder without one is that of a Flex gateway. */
export async function gatewayPlace(path: string): Promise<GatewayPlace> {
  if (!(await statOf(path))?.isDirectory()) return { file: path }
  const file = join(path, GATEWAY_FILE)
  return (await statOf(file)) ? { file } : { flexFolder: path }
}

/**
 * True for what is a gateway and not only policies: a file by the name or with the keys of one, a folder with one, a
 * folder with an ApiInstance. Rejects with `UnreadableError`.
 */
export async function isGateway(path: string, environment: Environment): Promise<boolean> {
  const { file, flexFolder } = await gatewayPlace(path)
  if (file !== undefined)
    return basename(file) === GATEWAY_FILE || hasGatewayKeys(file, environment)
  return flexFolder !== undefined && (await holdsApi(flexFolder, environment))
}

/** True when a file of any name holds keys of a gateway file, and none of a policy. */
async function hasGatewayKeys(file: string, environment: Environment): Promise<boolean> {
  const [first] = await readDocuments(file, environment, [])
  const keys = isMap(first?.value) ? Object.keys(first.value) : []
  const isOf = (shape: object) => keys.some((key) => Object.hasOwn(shape, key))
  return isOf(gatewaySchema.shape) && !isOf(policySchema.shape)
}

function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}
