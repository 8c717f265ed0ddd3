import type { Environment } from '../environment.ts'
import { isMap } from '../is-map.ts'
import type { Diagnostic } from './diagnostic.ts'
import { fewAtOnce } from './few-at-once.ts'
import { findPolicyFiles, readSource } from './files.ts'
import { type FlexApi, flexApis, isFlex } from './flex/index.ts'
import type { FollowedLinks } from './followed-links.ts'
import { type GatewayFile, typeGateway } from './gateway-file.ts'
import { openPolicyFile } from './policy-file.ts'
import type { SourceDocument } from './yaml/index.ts'

/** The ApiInstances of a folder, and each as a gateway file. */
export interface FlexGateway {
  readonly apis: readonly FlexApi[]
  readonly files: readonly GatewayFile[]
}

/**
 * Reads the ApiInstances of a folder. What is wrong with them is added to `diagnostics`; what is wrong with the text
 * of the files is said when they are read as policies. Rejects with `UnreadableError`.
 */
export async function readFlexGateway(
  folder: string,
  links: Pick<FollowedLinks, 'environment' | 'follow'>,
  diagnostics: Diagnostic[],
): Promise<FlexGateway> {
  const { passedOver } = await findPolicyFiles(folder)
  diagnostics.push(...passedOver.map(notRead))
  const documents = await readFolder(folder, links)
  const apis = flexApis(
    documents.filter(({ value }) => isFlex(value)),
    diagnostics,
  )
  return { apis, files: apis.map(({ document }) => typeGateway(document, diagnostics)) }
}

function notRead(file: string): Diagnostic {
  return {
    ...{ file, line: 1, column: 1, severity: 'notice', rule: 'flex/not-read' },
    message: 'expected a file that ends in .yaml or .yml, and not in .test.yaml: it is not read',
    hint: 'rename it when it holds what the gateway runs',
  }
}

/** True when a folder holds an ApiInstance, also one with faults. Rejects with `UnreadableError`. */
export async function holdsApi(folder: string, environment: Environment): Promise<boolean> {
  const documents = await readFolder(folder, { environment })
  return documents.some(({ value }) => isMap(value) && value.kind === 'ApiInstance')
}

async function readFolder(
  folder: string,
  { environment, follow }: Pick<FollowedLinks, 'environment'> & Partial<FollowedLinks>,
): Promise<readonly SourceDocument[]> {
  const { files } = await findPolicyFiles(folder, follow)
  const read = await fewAtOnce(files, (file) => readSource(file, environment))
  return read.flatMap((source) => openPolicyFile(source, environment).documents())
}
