import type { Diagnostic } from '../diagnostic.ts'
import type { SourceDocument } from '../yaml/index.ts'
import { type FlexApi, flexApis } from './apis.ts'
import { type FlexPolicy, flexPolicies } from './policies.ts'
import { isFlex } from './recognise.ts'
import type { FlexVariable } from './resolved-document.ts'

/** What the documents of a Flex or Omni Gateway folder say, in our own format. */
export interface FlexContent {
  /** One for each ApiInstance. Its `document.value` is `{ listen, routes }` of a gateway file. */
  readonly apis: readonly FlexApi[]
  /** One for each policy. Its `document.value` is a policy file document. */
  readonly policies: readonly FlexPolicy[]
}

/**
 * Reads the Flex documents among `documents` (those of one folder or of several files that belong together) and adds
 * everything that is wrong or worth saying to `diagnostics`, at its place in the Flex file. What cannot be translated
 * is left out and was reported as an error. `variable` gives what `$NAME` stands for: the environment's value to run
 * the files, or `${NAME}` to write them as files of our own (parse those without a variable, so that theirs stay too).
 */
export function readFlex(
  documents: readonly SourceDocument[],
  variable: FlexVariable,
  diagnostics: Diagnostic[],
): FlexContent {
  const flex = documents.filter(({ value }) => isFlex(value))
  const apis = flexApis(flex, diagnostics)
  const policies = flexPolicies(flex, { apis, variable }, diagnostics)
  return { apis, policies: policies.filter(({ isWhole }) => isWhole) }
}
