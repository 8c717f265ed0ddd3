import { readFlex } from '../../../../src/config/flex/index.ts'
import { type Diagnostic, sortDiagnostics } from '../../../../src/config/index.ts'
import { parseDocuments } from '../../../../src/config/yaml/index.ts'

/** What `readFlex` makes of texts, each a file `<name>.yaml`; faults as `severity[rule] file:line:column`. */
export function read(
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
) {
  const diagnostics: Diagnostic[] = []
  const variable = (name: string) => variables[name]
  const documents = Object.entries(files).flatMap(([name, text]) => {
    const parsed = parseDocuments(`${name}.yaml`, text, { variable, escapes: false })
    diagnostics.push(...parsed.diagnostics)
    return parsed.documents
  })
  const { apis, policies } = readFlex(documents, variable, diagnostics)
  const faults = sortDiagnostics(diagnostics).map(
    ({ severity, rule, file, line, column }) => `${severity}[${rule}] ${file}:${line}:${column}`,
  )
  return {
    apis: apis.map(({ document }) => plain(document.value)),
    policies: policies.map(({ document }) => plain(document.value)),
    lost: policies.map(({ isLost }) => isLost),
    originals: policies.flatMap(({ originals }) => originals),
    faults,
    diagnostics,
  }
}

/** An ApiInstance with these lines below `spec`. */
export function apiInstance(name: string, spec: object): string {
  return JSON.stringify({ ...head('ApiInstance', name), spec })
}

/** A PolicyBinding. */
export function policyBinding(name: string, spec: object): string {
  return JSON.stringify({ ...head('PolicyBinding', name), spec })
}

function head(kind: string, name: string) {
  return { apiVersion: 'gateway.mulesoft.com/v1alpha1', kind, metadata: { name } }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
