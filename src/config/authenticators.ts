import {
  type AuthenticatorKind,
  type AuthenticatorOptions,
  authenticatorKinds,
  type NamedAuthenticator,
  unasked,
} from '../authenticate/index.ts'
import { isMap } from '../is-map.ts'
import { createKeySets, type KeySets } from '../keys/index.ts'
import type { Scope } from '../kind.ts'
import { type AuthenticatorConfig, authenticatorSchema, KIND_KEYS } from './authenticator-schema.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { GatewayConfig } from './gateway-schema.ts'
import { asWarning, inertScope } from './inert-scope.ts'
import { readNamedDocument } from './named-document.ts'

/** The authenticator that every file has: it lets in who sent no credential. */
const ANONYMOUS = 'anonymous'

/** The authenticators of one gateway file, by name. */
export type NamedAuthenticators = ReadonlyMap<string, NamedAuthenticator | undefined>

/** What is around the authenticators of a file. */
export interface AuthenticatorSurroundings {
  readonly keySets: KeySets
  readonly diagnostics: Diagnostic[]
  /** The file that they stand in; undefined when it does not fit the schema. */
  readonly config: Pick<GatewayConfig, 'listen'> | undefined
}

/**
 * Loads what stands under `authenticators` of a gateway file, also when no route asks for it; what is wrong is
 * reported at its place. One that cannot be used is there without a value, for it is known by its name. `scope` is
 * that of the file.
 */
export async function loadAuthenticators(
  written: unknown,
  scope: Scope,
  surroundings: AuthenticatorSurroundings,
): Promise<NamedAuthenticators> {
  const authenticators = new Map<string, NamedAuthenticator | undefined>()
  const parts: Record<string, unknown> = { [ANONYMOUS]: { [ANONYMOUS]: {} } }
  // several may read one file
  const beside: Diagnostic[] = []
  for (const [name, part] of Object.entries({ ...parts, ...(isMap(written) ? written : {}) })) {
    const { success, data } = authenticatorSchema.safeParse(part)
    const place = scope.at('authenticators', name)
    // what does not fit was reported by the schema of the file
    authenticators.set(
      name,
      success
        ? await loadNamed(name, data, place, { ...surroundings, diagnostics: beside })
        : undefined,
    )
  }
  surroundings.diagnostics.push(...eachOnce(beside))
  return authenticators
}

async function loadNamed(
  name: string,
  config: AuthenticatorConfig,
  scope: Scope,
  { keySets, diagnostics, config: file }: AuthenticatorSurroundings,
): Promise<NamedAuthenticator | undefined> {
  const { enabled = true, forwardCredential = false } = config
  // the schema let through one kind
  const key = KIND_KEYS.find((candidate) => config[candidate] !== undefined) ?? ANONYMOUS
  const kind = authenticatorKinds[key] as AuthenticatorKind<unknown>
  if (name === ANONYMOUS && key !== ANONYMOUS) reportReserved(scope)
  const found: Diagnostic[] = []
  const options: AuthenticatorOptions = {
    name,
    keySets: enabled ? keySets : createKeySets({ environment: scope.environment, prefetch: false }),
    readYaml: (path, schema, at) => readNamedDocument(path, schema, at, found),
  }
  const place = enabled ? scope.at(key) : inertScope(scope.at(key))
  const created = await kind.create(config[key], place, options)
  diagnostics.push(...(enabled ? found : found.map(asWarning)))
  // what is wrong with one that is disabled must not keep its credential on the request
  const authenticator = enabled ? created : unasked(kind.credential(config[key]))
  const isBlind = Boolean(authenticator?.isOfConnection && file && !hasClientCa(file))
  return authenticator && { name, kind: key, authenticator, enabled, forwardCredential, isBlind }
}

function hasClientCa({ listen }: Pick<GatewayConfig, 'listen'>): boolean {
  return listen !== undefined && 'tls' in listen && listen.tls.clientCa !== undefined
}

function reportReserved(scope: Scope): void {
  scope.report([], {
    severity: 'error',
    rule: 'gateway/reserved-name',
    message: `expected another name: "${ANONYMOUS}" lets in who sent no credential`,
  })
}

function eachOnce(diagnostics: readonly Diagnostic[]): Iterable<Diagnostic> {
  const once = new Map<string, Diagnostic>()
  for (const diagnostic of diagnostics) {
    const { file, line, column, rule, message, severity } = diagnostic
    const id = JSON.stringify([file, line, column, rule, message])
    if (severity === 'error' || !once.has(id)) once.set(id, diagnostic)
  }
  return once.values()
}
