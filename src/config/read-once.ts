import { dirname, isAbsolute, join } from 'node:path'
import type { Compiled, JwksSettings } from '../compiled.ts'
import type { JsonObject } from '../types.ts'
import { loadAccounts } from './accounts.ts'
import { namedCaches } from './caches.ts'
import { type Diagnostic, sortDiagnostics } from './diagnostic.ts'
import type { FollowedLinks } from './followed-links.ts'
import { readGatewayFile, typeGateway } from './gateway-file.ts'
import { type GatewayConfig, upstreamUrl } from './gateway-schema.ts'
import { type LoadedPolicies, loadPolicies, type PolicySurroundings } from './load-policies.ts'
import { compileRoutes } from './route.ts'
import { createScope } from './scope.ts'
import { UnreadableError } from './unreadable-error.ts'
import { parseDocuments } from './yaml/index.ts'

/** What to load. */
export interface LoadOptions {
  /** Path of a gateway file. */
  readonly config?: string | undefined
  /** Path of a policy file or folder; wins over the gateway file's `policies`. */
  readonly policies?: string | undefined
  /** URL that every path is forwarded to; wins over the gateway file's `routes`. */
  readonly upstream?: string | undefined
  /** Most bytes of a body that a policy reads or writes; wins over the gateway file's. Default 1 MiB. */
  readonly bodyLimit?: number | undefined
}

const BODY_LIMIT = 1024 * 1024
/** Milliseconds that a replaced key stays published, and that a verifier may keep the set. */
const OVERLAP = 600_000
const MAX_AGE = 300_000

/** Addresses that a gateway file asks for. */
export type Listeners = Pick<GatewayConfig, 'listen' | 'management' | 'admin'>

/** What one reading of the files gave. */
export interface Loaded {
  /** Absent when any diagnostic is an error: all or nothing. Without a route when neither file nor flag has one. */
  readonly compiled?: Compiled
  readonly listeners: Listeners
  /** By file, then line. */
  readonly diagnostics: readonly Diagnostic[]
  /** The file or folder that the policies were looked for in. */
  readonly policies: string
  /** How many policies each of its files holds, with and without faults, disabled ones too. */
  readonly held: ReadonlyMap<string, number>
}

/** What is around one reading of the files. */
export type ReadingOptions = Pick<PolicySurroundings, 'serving' | 'onRenewalFailure'>

/**
 * Reads the gateway file and the policies once, checks everything that can be checked without a request, and
 * compiles them. Rejects with `UnreadableError` when a path cannot be looked at.
 */
export async function readOnce(
  options: LoadOptions,
  { environment, follow }: FollowedLinks,
  reading: ReadingOptions,
): Promise<Loaded> {
  const { config: file, upstream } = options
  const diagnostics: Diagnostic[] = []
  const isRefused = () => diagnostics.some(({ severity }) => severity === 'error')
  const written =
    file === undefined ? undefined : await readGatewayFile(file, environment, diagnostics)
  // a gateway file that does not parse may hold any
  const isUnknown = isRefused() && !written
  const caches = isUnknown ? undefined : namedCaches(written?.caches)
  const scope = written && createScope(written.document, environment, diagnostics, reading)
  const none = isUnknown ? undefined : new Map()
  const accounts = scope ? await loadAccounts(written.accounts, scope) : none
  const flag = upstream === undefined ? undefined : upstreamFlag(upstream, diagnostics)
  const routes = await compileRoutes(flag ?? written, environment, diagnostics)
  if (routes.length === 0 && !isRefused() && file !== undefined) diagnostics.push(noRoute(file))

  const path = options.policies ?? beside(file ?? '', written?.policies ?? 'policies')
  const isOpen = isRefused() || (file ?? upstream) === undefined
  const names = isOpen ? undefined : routes.map(({ name }) => name)
  const surroundings = { ...reading, routes: names, accounts, caches, follow }
  const loaded = await loadPolicies(path, environment, surroundings).catch((error: unknown) => {
    // a gateway file that is wrong may well name the wrong folder: what is wrong with it comes first
    if (error instanceof UnreadableError && isRefused()) return NO_POLICIES
    throw error
  })
  diagnostics.push(...loaded.diagnostics)

  const { vars = {}, bodyLimit = BODY_LIMIT } = written?.config ?? {}
  const compiled = {
    routes,
    policies: loaded.policies,
    vars: vars as JsonObject,
    bodyLimit: options.bodyLimit ?? bodyLimit,
    jwks: jwksSettings(written?.config?.jwks),
  }
  return {
    listeners: written?.config ?? {},
    diagnostics: sortDiagnostics(diagnostics),
    policies: path,
    held: loaded.held,
    ...(!isRefused() && { compiled }),
  }
}

function jwksSettings({ overlap, maxAge, issuer, uri }: GatewayConfig['jwks'] = {}): JwksSettings {
  return {
    overlap: overlap ?? OVERLAP,
    maxAge: Math.floor((maxAge ?? MAX_AGE) / 1000),
    ...(issuer !== undefined && { issuer }),
    ...(uri !== undefined && { uri }),
  }
}

const NO_POLICIES: LoadedPolicies = { policies: [], diagnostics: [], held: new Map() }

/** The flag as a gateway file (JSON is YAML) whose one route leads there; its faults show nothing of that. */
function upstreamFlag(upstream: string, diagnostics: Diagnostic[]) {
  const { error } = upstreamUrl.safeParse(upstream)
  const [issue] = error?.issues ?? []
  if (issue) {
    const { rule = 'schema/value' } = issue.code === 'custom' ? (issue.params ?? {}) : {}
    const place = { file: '--upstream', line: 1, column: 1 }
    diagnostics.push({ ...place, severity: 'error', rule: String(rule), message: issue.message })
    return undefined
  }
  const text = JSON.stringify({ routes: [{ name: 'default', upstream }] })
  const [document] = parseDocuments('--upstream', text).documents
  return document && typeGateway(document, diagnostics)
}

function noRoute(file: string): Diagnostic {
  return {
    file,
    line: 1,
    column: 1,
    severity: 'error',
    rule: 'gateway/no-route',
    message: 'expected a route that says where requests are forwarded',
    hint: 'write routes: with an upstream, or give --upstream URL',
  }
}

function beside(file: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(file), path)
}
