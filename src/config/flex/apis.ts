import type { Fault } from '../../kind.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { kebabName } from '../kebab-name.ts'
import type { SourceDocument } from '../yaml/index.ts'
import { createDraft } from './draft.ts'
import { type ProxyAddress, proxyAddress } from './proxy-address.ts'
import { apiSchema, type FlexApiResource } from './resource-schema.ts'
import { putRoutes } from './routes.ts'

/** What a policy can be bound to: an ApiInstance, or one of its services. */
export interface FlexTarget {
  /** Names of our routes. */
  readonly routes: readonly string[]
  readonly basePath: string
}

/** An ApiInstance as a part of a gateway file. */
export interface FlexApi extends ProxyAddress {
  readonly name: string
  /** By namespace and name: `default/orders`. */
  readonly targets: ReadonlyMap<string, FlexTarget>
  /** `{ listen, routes }` of a gateway file, with its places in the Flex file. */
  readonly document: SourceDocument
}

/** How a resource is told from others of its name. */
export function targetId(name: string, namespace = 'default'): string {
  return `${namespace}/${name}`
}

/**
 * The ApiInstances among `documents`, which listen at one address: there is one proxy listener here. What is wrong
 * with one is added to `diagnostics`, but for what its schema says, and leaves it out.
 */
export function flexApis(
  documents: readonly SourceDocument[],
  diagnostics: Diagnostic[],
): FlexApi[] {
  const apis: FlexApi[] = []
  for (const document of documents) {
    const resource = apiSchema.safeParse(document.value).data
    const api = resource && readApi(resource, document, diagnostics)
    if (!api) continue
    const clash = apis.map((other) => clashOf(api, other)).find((fault) => fault)
    if (clash) diagnostics.push(document.diagnostic(clash.at, clash.fault))
    else apis.push(api)
  }
  return apis
}

function readApi(
  resource: FlexApiResource,
  document: SourceDocument,
  diagnostics: Diagnostic[],
): FlexApi | undefined {
  const { metadata, spec } = resource
  const at = ['spec', 'address']
  const draft = createDraft(document, at, diagnostics)
  const address = proxyAddress(spec.address)
  if ('rule' in address) draft.report(at, address)
  else draft.put(['listen'], address.listen, at)
  const { basePath } = 'rule' in address ? { basePath: '' } : address
  const name = kebabName(metadata.name, 'flex')
  const services = putRoutes(name, resource, basePath, draft)
  const isServed = Object.keys(spec.services ?? {}).length > 0
  if (!isServed) draft.report(['spec', 'services'], NO_SERVICE)
  const finished = draft.finish()
  if (!finished.isWhole || 'rule' in address) return undefined
  const targets = new Map(
    [...services].map(([service, routes]) => [
      targetId(service, metadata.namespace),
      { routes, basePath },
    ]),
  )
  const routes = [...services.values()].flat()
  targets.set(targetId(metadata.name, metadata.namespace), { routes, basePath })
  return { name, ...address, targets, document: finished.document }
}

const NO_SERVICE: Fault = {
  severity: 'error',
  rule: 'flex/no-service',
  message: 'expected spec.services, which says where requests are forwarded',
  hint: 'write the address of the Service here: Service and the route policy are not read',
}

function clashOf(api: FlexApi, other: FlexApi) {
  const fault = { severity: 'error', rule: 'flex/clash' } as const
  if (api.name === other.name) {
    const message = `expected a name of its own, "${api.name}" names another ApiInstance`
    return { at: ['metadata', 'name'], fault: { ...fault, message, hint: 'choose another name' } }
  }
  const at = ['spec', 'address']
  if (api.listen !== other.listen) {
    const message = `expected one address to listen at: "${other.name}" has ${other.listen}, "${api.name}" ${api.listen}`
    const hint = 'run one countersign for each address, or give both one with different paths'
    return { at, fault: { ...fault, message, hint } }
  }
  const [outer, inner] = [api.basePath, other.basePath].sort((a, b) => a.length - b.length)
  if (!`${inner}/`.startsWith(`${outer}/`)) return undefined
  const message = `expected base paths apart: "${other.name}" has "${other.basePath || '/'}", "${api.name}" has "${api.basePath || '/'}"`
  return { at, fault: { ...fault, message, hint: 'neither may begin with the other' } }
}
