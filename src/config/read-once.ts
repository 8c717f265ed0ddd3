import type { Address } from '../address.ts'
import type { Compiled, Route } from '../compiled.ts'
import { createKeySets, type KeySets } from '../keys/index.ts'
import type { JsonObject } from '../types.ts'
import { type Diagnostic, sortDiagnostics } from './diagnostic.ts'
import type { FollowedLinks } from './followed-links.ts'
import { jwksSettings } from './jwks-settings.ts'
import { keepAccounts, keepGateway, traceReads } from './kept/index.ts'
import { clientSettings } from './limits.ts'
import { type Listeners, listenersOf, readListenerTls } from './listeners.ts'
import { type LoadedPolicies, loadPolicies, type PolicySurroundings } from './load-policies.ts'
import { loadNamedParts } from './named-parts.ts'
import { openListener } from './open-listener.ts'
import { noticePrivateUpstreams } from './private-upstreams.ts'
import { compileRoutes } from './route.ts'
import { createScope } from './scope.ts'
import { warnOfEveryProxy } from './trusted-proxies.ts'
import { UnreadableError } from './unreadable-error.ts'
import { warnOfUntrustedHeaders } from './untrusted-header.ts'
import { readUpstreamFlag } from './upstream-flag.ts'

/** What to load. */
export interface LoadOptions {
  /** Path of a gateway file, of the folder it is in, or of a folder of Flex files without one. */
  readonly config?: string | undefined
  /** Path of a policy file or folder; wins over the gateway file's `policies`. */
  readonly policies?: string | undefined
  /** URL that every path is forwarded to; wins over the gateway file's `routes`. */
  readonly upstream?: string | undefined
  /** Where the proxy listens; wins over the gateway file's `listen`. */
  readonly listen?: Address | undefined
  /** Most bytes of a body that a policy reads or writes; wins over the gateway file's. Default 1 MiB. */
  readonly bodyLimit?: number | undefined
}

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
export interface ReadingOptions
  extends Pick<PolicySurroundings, 'serving' | 'onRenewalFailure' | 'share' | 'kept'> {
  /** JWK sets that earlier readings fetched. Default: none yet. */
  readonly keySets?: KeySets
}

/**
 * Reads the gateway file and the policies once, checks everything that can be checked without a request, and
 * compiles them. Rejects with `UnreadableError` when a path cannot be looked at.
 */
export async function readOnce(
  options: LoadOptions,
  links: FollowedLinks,
  reading: ReadingOptions,
): Promise<Loaded> {
  const { environment } = links
  const traced = traceReads(environment)
  const { config: place, upstream } = options
  const diagnostics: Diagnostic[] = []
  const isRefused = () => diagnostics.some(({ severity }) => severity === 'error')
  const { last } = reading.kept ?? {}
  const gateway = await keepGateway(place, last?.gateway, { traced, follow: links.follow })
  const { source, isSame } = gateway
  diagnostics.push(...gateway.diagnostics)
  const [{ document, config = {} } = {}] = source.parts
  const scope = document && createScope(document, environment, diagnostics, reading)
  const keySets = reading.keySets ?? createKeySets({ environment, prefetch: false })
  const accounts =
    document &&
    keepAccounts(isSame ? last?.accounts : undefined, { document, traced, diagnostics, ...reading })
  const named = await loadNamedParts(source, scope, {
    ...{ keySets, diagnostics },
    ...(accounts && { keepAccount: accounts.keep }),
  })
  const tls = scope && (await readListenerTls(config.listen, scope.at('listen', 'tls')))

  const flag = upstream === undefined ? undefined : readUpstreamFlag(upstream, diagnostics)
  const routes: Route[] = []
  for (const part of flag ? [flag] : source.parts) {
    routes.push(...(await compileRoutes(part, named.authenticators, environment, diagnostics)))
  }
  if (scope) {
    if (!flag) noticePrivateUpstreams(config, scope)
    warnOfUntrustedHeaders(config, scope)
    warnOfEveryProxy(config, scope)
  }
  const written = listenersOf(config)
  const open = openListener(options.listen ?? written.listen, routes)
  if (open && options.listen) diagnostics.push({ file: '--listen', line: 1, column: 1, ...open })
  else if (open) scope?.report(['listen'], open)
  if (routes.length === 0 && !isRefused() && place !== undefined) diagnostics.push(noRoute(place))

  const path = options.policies ?? source.policies
  const isOpen = isRefused() || (place ?? upstream) === undefined
  const loaded = await loadPolicies(path, environment, {
    ...reading,
    ...named,
    ...{ links, traced, isSame },
    routes: isOpen ? undefined : routes,
    apis: flag ? undefined : source.apis,
  }).catch((error: unknown) => {
    // a gateway file that is wrong may well name the wrong folder: what is wrong with it comes first
    if (error instanceof UnreadableError && isRefused()) return NO_POLICIES
    throw error
  })
  const { files, apart } = loaded
  reading.kept?.remember(files ? { gateway, accounts: accounts?.made, files, apart } : {})
  traced.end()
  diagnostics.push(...loaded.diagnostics)

  const { vars = {}, bodyLimit = BODY_LIMIT } = config
  const compiled = {
    routes,
    policies: loaded.policies,
    disabled: loaded.disabled,
    vars: vars as JsonObject,
    bodyLimit: options.bodyLimit ?? bodyLimit,
    jwks: jwksSettings(config.jwks),
    ...clientSettings(config),
    ...(tls && { tls }),
  }
  return {
    listeners: written,
    diagnostics: sortDiagnostics(diagnostics),
    policies: path,
    held: loaded.held,
    ...(!isRefused() && { compiled }),
  }
}

const BODY_LIMIT = 1024 * 1024
const NO_POLICIES: LoadedPolicies = { policies: [], disabled: [], diagnostics: [], held: new Map() }

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
