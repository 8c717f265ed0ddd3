import type { Environment } from '../environment.ts'
import type { Diagnostic } from './diagnostic.ts'
import { type FlexApi, flexApis, flexPolicies } from './flex/index.ts'
import { typeGateway } from './gateway-file.ts'
import type { SourceDocument } from './yaml/index.ts'

/** What Flex policies are bound to. */
export interface FlexBindings {
  /** The ApiInstances that routes were made of; absent when these come from elsewhere. */
  readonly apis?: readonly FlexApi[] | undefined
  /** Names of the routes; left out, they are those of the ApiInstances. */
  readonly routes?: readonly string[] | undefined
}

/** The documents of Flex gateways in our own format, with their places in the Flex file. */
export function inOwnFormat(
  flex: readonly SourceDocument[],
  { apis, routes }: FlexBindings,
  environment: Environment,
  diagnostics: Diagnostic[],
): readonly SourceDocument[] {
  if (flex.length === 0) return []
  const options = {
    apis: apis ?? (routes ? undefined : checkedApis(flex, diagnostics)),
    routes,
    variable: environment.variable,
  }
  return flexPolicies(flex, options, diagnostics).map(({ document }) => document)
}

/** The ApiInstances, checked as parts of a gateway file. */
function checkedApis(flex: readonly SourceDocument[], diagnostics: Diagnostic[]): FlexApi[] {
  const apis = flexApis(flex, diagnostics)
  for (const { document } of apis) typeGateway(document, diagnostics)
  return apis
}
