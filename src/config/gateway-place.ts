import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GATEWAY_FILE } from '../defaults.ts'
import type { Environment } from '../environment.ts'
import { holdsApi } from './flex-gateway.ts'

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
 * True for what is a gateway and not only policies: a file by the name of one, a folder with one, a folder with an
 * ApiInstance. Rejects with `UnreadableError`.
 */
export async function isGateway(path: string, environment: Environment): Promise<boolean> {
  const { file, flexFolder } = await gatewayPlace(path)
  if (file !== undefined) return basename(file) === GATEWAY_FILE
  return flexFolder !== undefined && (await holdsApi(flexFolder, environment))
}

function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined)
}
